import { EMPTY_VIEW, foldEvent, type NetworkView, NODE_EVENT_VERSION, type NodeEvent, nodeId } from '@millrace/wire'

export const GATEWAY = '0x70997970c51812dc3a010c7d01b50e0d17dc79c8'
export const ORCHESTRATOR_1 = '0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc'
export const ORCHESTRATOR_2 = '0x90f79bf6eb2c4f870365e785982e1f101e93b906'
const DELEGATOR = '0x15d34aaf54267db7d7c367839aaf71a00a2c6a65'

/** An event as the node of this name tells it. */
export const told = (by: string, body: object): NodeEvent =>
  ({ v: NODE_EVENT_VERSION, nodeId: nodeId(by), atMs: 1_000, ...body }) as NodeEvent

/** The view after these events. */
export const viewOf = (events: readonly NodeEvent[]): NetworkView => events.reduce(foldEvent, EMPTY_VIEW)

/** One gateway, two orchestrators, two workers. */
export const NODES: readonly NodeEvent[] = [
  started('orchestrator-2', ['orchestrator', 'redeemer'], { address: ORCHESTRATOR_2 }),
  started('orchestrator-1', ['orchestrator', 'redeemer'], { address: ORCHESTRATOR_1 }),
  started('worker-1', ['worker'], { serves: 'orchestrator-1', engine: 'node-av' }),
  started('worker-2', ['worker'], { serves: 'orchestrator-2', engine: 'node-av' }),
  started('gateway', ['gateway'], { address: GATEWAY }),
]

/** The same nodes off chain have no addresses. */
export const OFFCHAIN_NODES: readonly NodeEvent[] = NODES.map((event) => {
  const { address: _, ...rest } = event as NodeEvent & { address?: string }
  return rest as NodeEvent
})

/** The chain at block 133 of round 2. */
export const CHAIN_STATE: NodeEvent = told('chain', {
  type: 'chain_state',
  block: '133',
  round: '2',
  roundInitialized: true,
  blocksToNextRound: 47,
  totalSupplyLpt: '1450321174999678825000000',
  totalBondedLpt: '450000000000000000000000',
  inflationPerc9: '221500',
  orchestrators: [
    onChain(ORCHESTRATOR_1, '250000000000000000000000', [{ address: DELEGATOR, stakeLpt: '60000000000000000000000' }]),
    onChain(ORCHESTRATOR_2, '62500000000000000000000', []),
  ],
})

/** Events of one segment of the stream `demo`, as orchestrator-1 and worker-1 do it. */
export const segment = (type: string, seq: number, more: object = {}): object => ({
  type,
  manifestId: 'demo',
  seq,
  sessionId: 's',
  ...more,
})

function started(name: string, roles: readonly string[], more: object): NodeEvent {
  return told(name, { type: 'node_started', name, roles, ...more })
}

function onChain(address: string, stakeLpt: string, delegators: readonly object[]): object {
  return {
    address,
    serviceUri: 'https://127.0.0.1:8935',
    active: true,
    stakeLpt,
    pendingFeesWei: '0',
    rewardCutPerc6: '200000',
    feeSharePerc6: '500000',
    lastRewardRound: '2',
    delegators,
  }
}
