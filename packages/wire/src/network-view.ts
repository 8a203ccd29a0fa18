import type { NodeEvent, NodeEventOf, NodeRole } from './events.ts'
import type { Address, ManifestId, NodeId } from './identifiers.ts'

/** A node as its events show it. */
export type NodeView = {
  readonly nodeId: NodeId
  readonly name: string
  readonly roles: readonly NodeRole[]
  readonly up: boolean
  readonly address?: Address
  readonly serviceUri?: string
  readonly serves?: NodeId
  readonly engine?: string
  readonly pricePerPixel?: string
  /** Segments done: bought by a gateway, sold by an orchestrator, transcoded by a worker. */
  readonly segments: number
  /** Wei credited to an orchestrator for its work so far. */
  readonly feesWei: bigint
  readonly ticketsReceived: number
  readonly ticketsWon: number
  readonly ticketsRedeemed: number
  readonly ticketsDropped: number
  readonly redeemedWei: bigint
  /** Segments a worker has under way. */
  readonly busy: number
  readonly suspendedReason?: string
}

/** A live stream or file job as its events show it. */
export type StreamView = {
  readonly manifestId: ManifestId
  readonly gateway: NodeId
  readonly ingest: NodeEventOf<'stream_started'>['ingest']
  readonly live: boolean
  readonly segmentsIn: number
  readonly segmentsOut: number
  readonly renditions: Readonly<Record<string, { readonly segments: number; readonly bytes: number }>>
  readonly durationInMs: number
  readonly lastDelayMs: number | undefined
  readonly paid: number
  readonly fallback: number
  readonly missing: number
  readonly feesWei: bigint
  readonly lastOrchestrator: Address | undefined
  readonly perTitle?: NodeEventOf<'stream_started'>['perTitle']
}

export type Totals = {
  readonly segmentsIn: number
  readonly segmentsOut: number
  readonly renditionsOut: number
  readonly paid: number
  readonly fallback: number
  readonly missing: number
  readonly attemptsFailed: number
  /** Segments that a second orchestrator was asked for. */
  readonly hedges: number
  /** Spent on results that nobody needed. */
  readonly duplicateWei: bigint
  readonly ticketsSent: number
  readonly ticketsReceived: number
  readonly ticketsWon: number
  readonly ticketsRedeemed: number
  readonly ticketsDropped: number
  /** Expected value of the tickets sent. */
  readonly expectedValueWei: bigint
  /** Fees for pixels, and for bytes that viewers were given, as gateways reckon them. */
  readonly feesWei: bigint
  readonly redeemedWei: bigint
  readonly roundsInitialized: number
  readonly rewardCalls: number
  readonly rewardsLpt: bigint
}

/** Everything that terminal and page show, made from events alone. */
export type NetworkView = {
  readonly nodes: Readonly<Record<string, NodeView>>
  readonly streams: Readonly<Record<string, StreamView>>
  readonly totals: Totals
  readonly chain: NodeEventOf<'chain_state'> | undefined
  readonly warnings: readonly NodeEventOf<'warning'>[]
}

const MAX_STREAMS = 100
const MAX_WARNINGS = 20

export const EMPTY_VIEW: NetworkView = {
  nodes: {},
  streams: {},
  totals: {
    segmentsIn: 0,
    segmentsOut: 0,
    renditionsOut: 0,
    paid: 0,
    fallback: 0,
    missing: 0,
    attemptsFailed: 0,
    hedges: 0,
    duplicateWei: 0n,
    ticketsSent: 0,
    ticketsReceived: 0,
    ticketsWon: 0,
    ticketsRedeemed: 0,
    ticketsDropped: 0,
    expectedValueWei: 0n,
    feesWei: 0n,
    redeemedWei: 0n,
    roundsInitialized: 0,
    rewardCalls: 0,
    rewardsLpt: 0n,
  },
  chain: undefined,
  warnings: [],
}

/** The view after one more event. Events it does not know leave the view as it was. */
export function foldEvent(view: NetworkView, event: NodeEvent): NetworkView {
  const { totals } = view
  switch (event.type) {
    case 'node_started':
      return withNode(view, event.nodeId, {
        name: event.name,
        roles: event.roles,
        up: true,
        ...(event.address === undefined ? {} : { address: event.address }),
        ...(event.serviceUri === undefined ? {} : { serviceUri: event.serviceUri }),
        ...(event.serves === undefined ? {} : { serves: event.serves }),
        ...(event.engine === undefined ? {} : { engine: event.engine }),
        ...(event.pricePerPixel === undefined ? {} : { pricePerPixel: event.pricePerPixel }),
      })
    case 'node_stopped':
      return withNode(view, event.nodeId, { up: false, busy: 0 })
    case 'stream_started':
      return startStream(view, event)
    case 'stream_ended':
      return withStream(view, event.manifestId, () => ({ live: false }))
    case 'segment_received':
      return withTotals(
        withStream(view, event.manifestId, (s) => ({
          segmentsIn: s.segmentsIn + 1,
          durationInMs: s.durationInMs + event.durationMs,
        })),
        { segmentsIn: totals.segmentsIn + 1 },
      )
    case 'segment_submitted':
      return withTotals(view, {
        ticketsSent: totals.ticketsSent + event.tickets,
        expectedValueWei: totals.expectedValueWei + BigInt(event.expectedValueWei),
      })
    case 'segment_transcoded':
      return transcoded(view, event)
    case 'segment_attempt_failed':
      return withTotals(view, { attemptsFailed: totals.attemptsFailed + 1 })
    case 'segment_hedged':
      return withTotals(view, { hedges: totals.hedges + 1 })
    case 'duplicate_spent':
      return withTotals(view, { duplicateWei: totals.duplicateWei + BigInt(event.amountWei) })
    case 'segment_lost':
      return withTotals(
        withStream(view, event.manifestId, (s) => ({
          fallback: s.fallback + (event.outcome === 'fallback' ? 1 : 0),
          missing: s.missing + (event.outcome === 'missing' ? 1 : 0),
        })),
        {
          fallback: totals.fallback + (event.outcome === 'fallback' ? 1 : 0),
          missing: totals.missing + (event.outcome === 'missing' ? 1 : 0),
        },
      )
    case 'payment_received':
      return withTotals(
        addToNode(view, event.nodeId, (n) => ({ ticketsReceived: n.ticketsReceived + event.tickets })),
        { ticketsReceived: totals.ticketsReceived + event.tickets },
      )
    case 'distribution_paid':
      return withTotals(view, {
        ticketsSent: totals.ticketsSent + event.tickets,
        expectedValueWei: totals.expectedValueWei + BigInt(event.expectedValueWei),
      })
    case 'distribution_used':
      return withTotals(view, { feesWei: totals.feesWei + BigInt(event.feeWei) })
    case 'distribution_credited':
      return withTotals(
        addToNode(view, event.nodeId, (n) => ({ ticketsReceived: n.ticketsReceived + event.tickets })),
        { ticketsReceived: totals.ticketsReceived + event.tickets },
      )
    case 'distribution_debited':
      return addToNode(view, event.nodeId, (n) => ({ feesWei: n.feesWei + BigInt(event.feeWei) }))
    case 'segment_debited':
      return addToNode(view, event.nodeId, (n) => ({
        segments: n.segments + 1,
        feesWei: n.feesWei + BigInt(event.feeWei),
      }))
    case 'work_started':
      return addToNode(view, event.worker, (n) => ({ busy: n.busy + 1 }))
    case 'work_done':
      return addToNode(view, event.worker, (n) => ({ busy: Math.max(0, n.busy - 1), segments: n.segments + 1 }))
    case 'work_failed':
      return addToNode(view, event.worker, (n) => ({ busy: Math.max(0, n.busy - 1) }))
    case 'ticket_won':
      return withTotals(
        addToNode(view, earner(view, event), (n) => ({ ticketsWon: n.ticketsWon + 1 })),
        { ticketsWon: totals.ticketsWon + 1 },
      )
    case 'ticket_redeemed':
      return withTotals(
        addToNode(view, earner(view, event), (n) => ({
          ticketsRedeemed: n.ticketsRedeemed + 1,
          redeemedWei: n.redeemedWei + BigInt(event.paidWei),
        })),
        {
          ticketsRedeemed: totals.ticketsRedeemed + 1,
          redeemedWei: totals.redeemedWei + BigInt(event.paidWei),
        },
      )
    case 'ticket_dropped':
      return withTotals(
        addToNode(view, earner(view, event), (n) => ({ ticketsDropped: n.ticketsDropped + 1 })),
        { ticketsDropped: totals.ticketsDropped + 1 },
      )
    case 'round_initialized':
      return withTotals(view, { roundsInitialized: totals.roundsInitialized + 1 })
    case 'reward_called':
      return withTotals(view, {
        rewardCalls: totals.rewardCalls + 1,
        rewardsLpt: totals.rewardsLpt + BigInt(event.amountLpt),
      })
    case 'price_changed':
      // A price for one gateway alone is nobody else's.
      return event.sender === undefined ? withNode(view, event.nodeId, { pricePerPixel: event.pricePerPixel }) : view
    case 'chain_state':
      return { ...view, chain: event }
    case 'orchestrator_suspended': {
      const node = Object.values(view.nodes).find((n) => n.address === event.orchestrator)
      return node ? withNode(view, node.nodeId, { suspendedReason: event.reason }) : view
    }
    case 'warning':
      return { ...view, warnings: [...view.warnings, event].slice(-MAX_WARNINGS) }
    default:
      return view
  }
}

/** Whose ticket it is: the orchestrator that is paid, also when a redeemer of its own tells of it. */
function earner(view: NetworkView, event: { readonly nodeId: NodeId; readonly recipient?: Address }): NodeId {
  const { recipient } = event
  if (recipient === undefined) return event.nodeId
  return (
    Object.values(view.nodes).find((n) => n.address === recipient && n.roles.includes('orchestrator'))?.nodeId ??
    event.nodeId
  )
}

function startStream(view: NetworkView, event: NodeEventOf<'stream_started'>): NetworkView {
  const renditions = Object.fromEntries(event.renditions.map((name) => [name, { segments: 0, bytes: 0 }]))
  const stream: StreamView = {
    manifestId: event.manifestId,
    gateway: event.nodeId,
    ingest: event.ingest,
    live: true,
    segmentsIn: 0,
    segmentsOut: 0,
    renditions,
    durationInMs: 0,
    lastDelayMs: undefined,
    paid: 0,
    fallback: 0,
    missing: 0,
    feesWei: 0n,
    lastOrchestrator: undefined,
    ...(event.perTitle && { perTitle: event.perTitle }),
  }
  const entries = Object.entries({ ...view.streams, [event.manifestId]: stream })
  const surplus = entries.length - MAX_STREAMS
  const ended =
    surplus > 0
      ? entries
          .filter(([, s]) => !s.live)
          .slice(0, surplus)
          .map(([id]) => id)
      : []
  return { ...view, streams: Object.fromEntries(entries.filter(([id]) => !ended.includes(id))) }
}

function transcoded(view: NetworkView, event: NodeEventOf<'segment_transcoded'>): NetworkView {
  const { totals } = view
  const feeWei = BigInt(event.feeWei)
  const next = withStream(view, event.manifestId, (s) => {
    const renditions = { ...s.renditions }
    for (const { name, bytes } of event.renditions) {
      const before = own(renditions, name) ?? { segments: 0, bytes: 0 }
      renditions[name] = { segments: before.segments + 1, bytes: before.bytes + bytes }
    }
    return {
      renditions,
      segmentsOut: s.segmentsOut + 1,
      lastDelayMs: event.delayMs,
      paid: s.paid + (event.paid ? 1 : 0),
      feesWei: s.feesWei + feeWei,
      lastOrchestrator: event.orchestrator,
    }
  })
  return withTotals(
    addToNode(next, event.nodeId, (n) => ({ segments: n.segments + 1 })),
    {
      segmentsOut: totals.segmentsOut + 1,
      renditionsOut: totals.renditionsOut + event.renditions.length,
      paid: totals.paid + (event.paid ? 1 : 0),
      feesWei: totals.feesWei + feeWei,
    },
  )
}

/** What a record holds under a name that strangers choose: `constructor` is a name like any other. */
const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined

const withTotals = (view: NetworkView, change: Partial<Totals>): NetworkView => ({
  ...view,
  totals: { ...view.totals, ...change },
})

function withNode(view: NetworkView, nodeId: NodeId, change: Partial<NodeView>): NetworkView {
  const before: NodeView = own(view.nodes, nodeId) ?? {
    nodeId,
    name: nodeId,
    roles: [],
    up: true,
    segments: 0,
    feesWei: 0n,
    ticketsReceived: 0,
    ticketsWon: 0,
    ticketsRedeemed: 0,
    ticketsDropped: 0,
    redeemedWei: 0n,
    busy: 0,
  }
  return { ...view, nodes: { ...view.nodes, [nodeId]: { ...before, ...change } } }
}

const addToNode = (view: NetworkView, nodeId: NodeId, change: (node: NodeView) => Partial<NodeView>): NetworkView => {
  const known = withNode(view, nodeId, {})
  return withNode(known, nodeId, change(own(known.nodes, nodeId) as NodeView))
}

function withStream(
  view: NetworkView,
  id: ManifestId,
  change: (stream: StreamView) => Partial<StreamView>,
): NetworkView {
  const stream = own(view.streams, id)
  if (!stream) return view
  return { ...view, streams: { ...view.streams, [id]: { ...stream, ...change(stream) } } }
}

/** The view as JSON; amounts are kept exact as tagged decimal strings. */
export const encodeView = (view: NetworkView): string =>
  JSON.stringify(view, (_, value) => (typeof value === 'bigint' ? { $wei: value.toString() } : value))

/** Reads what `encodeView` wrote. */
export const decodeView = (json: string): NetworkView =>
  JSON.parse(json, (_, value) =>
    value !== null && typeof value === 'object' && typeof value.$wei === 'string' ? BigInt(value.$wei) : value,
  ) as NetworkView
