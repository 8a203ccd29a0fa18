import type { NodeView } from '@millrace/wire'

/** A word on how a node stands, where it is not as it should be. */
export function NodeState({
  node,
  active,
}: {
  readonly node: NodeView | undefined
  readonly active: boolean | undefined
}) {
  if (node?.up === false) return <em className="state down">stopped</em>
  if (active === false) return <em className="state">not active in this round</em>
  // Events tell when an orchestrator is left alone and why, not when that ends.
  if (node?.suspendedReason) return <small className="note">last left alone: {node.suspendedReason}</small>
  return null
}
