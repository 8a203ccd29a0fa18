import type { NetworkView, NodeEventOf, NodeView } from '@millrace/wire'
import { shortHex } from '../format/numbers.ts'

type OnChain = NodeEventOf<'chain_state'>['orchestrators'][number]

/** An orchestrator as both its node and the chain tell of it; one of the two may be missing. */
export type OrchestratorRow = {
  /** The node's id, or the address of one that is known from the chain only. */
  readonly id: string
  readonly name: string
  readonly node: NodeView | undefined
  readonly onChain: OnChain | undefined
  readonly stakeLpt: bigint
}

/** All orchestrators: the nodes first, then those that only the chain knows, the largest stake first. */
export function orchestratorRows(view: NetworkView): readonly OrchestratorRow[] {
  const onChain = view.chain?.orchestrators ?? []
  const nodes = Object.values(view.nodes).filter((node) => node.roles.includes('orchestrator'))
  const own = nodes
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((node) => rowOf(node.nodeId, node.name, node, node.address && onChain.find((o) => o.address === node.address)))
  const others = onChain
    .filter((o) => !nodes.some((node) => node.address === o.address))
    .map((o) => rowOf(o.address, shortHex(o.address), undefined, o))
    .toSorted((a, b) => (a.stakeLpt > b.stakeLpt ? -1 : 1))
  return [...own, ...others]
}

/** The redeemers that are nodes of their own, in the order of names. */
export const ownRedeemers = (view: NetworkView): readonly NodeView[] =>
  Object.values(view.nodes)
    .filter(({ roles }) => roles.includes('redeemer') && !roles.includes('orchestrator'))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))

function rowOf(
  id: string,
  name: string,
  node: NodeView | undefined,
  onChain: OnChain | undefined | '',
): OrchestratorRow {
  const known = onChain || undefined
  return { id, name, node, onChain: known, stakeLpt: BigInt(known?.stakeLpt ?? 0) }
}
