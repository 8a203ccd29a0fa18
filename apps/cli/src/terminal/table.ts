import { formatLpt, formatPerc6, formatWei, type NetworkView, type StreamView } from '@millrace/wire'

/** The lines of the live table: URLs first, then what moves. Pure, so that tests compare it with events. */
export function renderTable(
  view: NetworkView,
  options: { readonly header: readonly string[]; readonly width: number; readonly upMs: number },
): string[] {
  const lines = [...options.header, '']
  lines.push(...chainLines(view))
  lines.push(...streamLines(view))
  lines.push(...paymentLines(view))
  lines.push(...orchestratorLines(view))
  lines.push(...workerLines(view))
  for (const warning of view.warnings.slice(-2)) lines.push(`! ${warning.message}`)
  lines.push('', `up ${formatDuration(options.upMs)} · Ctrl-C stops everything`)
  return lines.map((line) => clip(line, options.width))
}

function chainLines(view: NetworkView): string[] {
  const { chain, totals } = view
  if (!chain) return []
  const state = chain.roundInitialized ? '' : ' (not initialised yet)'
  return [
    row(
      'chain',
      `block ${chain.block} · round ${chain.round}${state} · next round in ${chain.blocksToNextRound} blocks`,
    ),
    row(
      'LPT',
      `${formatLpt(BigInt(chain.totalSupplyLpt))} in all, ${formatLpt(BigInt(chain.totalBondedLpt))} staked · ${totals.rewardCalls} reward calls minted ${formatLpt(totals.rewardsLpt)}`,
    ),
  ]
}

function streamLines(view: NetworkView): string[] {
  const streams = Object.values(view.streams).filter((s) => s.live)
  if (streams.length === 0) return [row('streams', 'none yet: publish one with the RTMP line above')]
  const shown = streams.slice(-4).flatMap(streamRows)
  return streams.length > 4 ? [...shown, row('', `and ${streams.length - 4} more`)] : shown
}

function streamRows(s: StreamView): string[] {
  const renditions = Object.entries(s.renditions).map(([name, r]) => `${name} ${r.segments}`)
  const delay = s.lastDelayMs === undefined ? '' : ` · ${(s.lastDelayMs / 1000).toFixed(1)} s to transcode`
  const lost = s.fallback + s.missing > 0 ? ` · ${s.fallback} by fallback, ${s.missing} missing` : ''
  return [
    row(`stream ${s.manifestId}`, `${s.segmentsIn} segments in, ${s.segmentsOut} out${delay}${lost}`),
    row('', renditions.join(' · ')),
  ]
}

function paymentLines(view: NetworkView): string[] {
  const t = view.totals
  const sender = view.chain?.sender
  if (!view.chain) return []
  const share = t.ticketsReceived > 0 ? ` (${((100 * t.ticketsWon) / t.ticketsReceived).toFixed(1)} %)` : ''
  return [
    row(
      'payments',
      `${t.paid} segments paid, fees ${formatWei(t.feesWei)} · tickets worth ${formatWei(t.expectedValueWei)} sent`,
    ),
    row(
      'tickets',
      `${t.ticketsSent} sent · ${t.ticketsWon} won${share} · ${t.ticketsRedeemed} redeemed for ${formatWei(t.redeemedWei)}`,
    ),
    ...(sender
      ? [
          row(
            'gateway',
            `deposit ${formatWei(BigInt(sender.depositWei))} · reserve ${formatWei(BigInt(sender.reserveWei))}`,
          ),
        ]
      : []),
  ]
}

function orchestratorLines(view: NetworkView): string[] {
  return Object.values(view.nodes)
    .filter((node) => node.roles.includes('orchestrator'))
    .map((node) => {
      const onChain = view.chain?.orchestrators.find((o) => o.address === node.address)
      const stake = onChain
        ? ` · stake ${formatLpt(BigInt(onChain.stakeLpt))} from ${onChain.delegators.length + 1} · keeps ${formatPerc6(BigInt(onChain.rewardCutPerc6))} of rewards · fees ${formatWei(BigInt(onChain.pendingFeesWei))}`
        : ''
      return row(node.name, `${node.up ? '' : 'DOWN · '}${node.segments} segments${stake}`)
    })
}

function workerLines(view: NetworkView): string[] {
  return Object.values(view.nodes)
    .filter((node) => node.roles.includes('worker') && !node.roles.includes('orchestrator'))
    .map((node) =>
      row(
        node.name,
        `${node.up ? '' : 'DOWN · '}${node.segments} segments done, ${node.busy} under way · ${node.engine ?? ''}`,
      ),
    )
}

const row = (label: string, text: string): string => `${label.padEnd(16)} ${text}`

const clip = (line: string, width: number): string =>
  line.length > width ? `${line.slice(0, Math.max(1, width - 1))}…` : line

/** A time span as people say it. */
export function formatDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
}
