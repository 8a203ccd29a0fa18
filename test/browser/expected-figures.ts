import type { NetworkView } from '@millrace/wire'

/** The exact value of every figure that the page must show for a view, by the figure's name. */
export function expectedFigures(view: NetworkView, manifestId: string): Record<string, string> {
  const { totals, chain, nodes } = view
  const stream = view.streams[manifestId]
  if (!stream || !chain?.sender) throw new Error('the view has no stream or no chain yet')
  const figures: Record<string, bigint | number | string> = {
    'segments-in': stream.segmentsIn,
    'segments-out': stream.segmentsOut,
    'delay-ms': stream.lastDelayMs ?? '',
    'stream-paid': stream.paid,
    'stream-fees-wei': stream.feesWei,
    'stream-fallback': stream.fallback,
    'stream-missing': stream.missing,
    'fees-wei': totals.feesWei,
    'segments-paid': totals.paid,
    'tickets-sent': totals.ticketsSent,
    'tickets-won': totals.ticketsWon,
    'tickets-redeemed': totals.ticketsRedeemed,
    'deposit-wei': chain.sender.depositWei,
    'reserve-wei': chain.sender.reserveWei,
    round: chain.round,
    block: chain.block,
    'blocks-to-next-round': chain.blocksToNextRound,
    'supply-lpt': chain.totalSupplyLpt,
    'staked-lpt': chain.totalBondedLpt,
    'rewards-lpt': totals.rewardsLpt,
    warnings: view.warnings.length,
  }
  for (const [name, { segments, bytes }] of Object.entries(stream.renditions)) {
    figures[`rendition-segments:${name}`] = segments
    figures[`rendition-bytes:${name}`] = bytes
  }
  for (const node of Object.values(nodes)) {
    if (node.roles.includes('worker')) figures[`worker-segments:${node.nodeId}`] = node.segments
    if (!node.roles.includes('orchestrator')) continue
    const onChain = chain.orchestrators.find(({ address }) => address === node.address)
    if (!onChain) throw new Error(`${node.name} is not on the chain`)
    figures[`orchestrator-segments:${node.nodeId}`] = node.segments
    figures[`orchestrator-fees-wei:${node.nodeId}`] = node.feesWei
    figures[`orchestrator-tickets-won:${node.nodeId}`] = node.ticketsWon
    figures[`orchestrator-stake-lpt:${node.nodeId}`] = onChain.stakeLpt
    figures[`orchestrator-reward-cut:${node.nodeId}`] = onChain.rewardCutPerc6
    figures[`orchestrator-pending-fees-wei:${node.nodeId}`] = onChain.pendingFeesWei
  }
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, value.toString()]))
}
