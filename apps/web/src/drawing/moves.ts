import type { NetworkView, NodeEvent, NodeView } from '@millrace/wire'

/** The chain as the end of a move. */
export const CHAIN = 'chain'

/** Something that moves in the drawing because an event told so. */
export type Move = {
  readonly kind: 'segment' | 'result' | 'ticket' | 'won' | 'redeemed' | 'landed'
  readonly from: string
  readonly to: string
  /** Moves of one key follow each other. */
  readonly key: string
  readonly durationMs: number
  readonly delayMs?: number
}

const MOST_TICKETS = 12
const TICKET_GAP_MS = 60
const MOST_ROUTES = 500

/** Turns events into moves; it remembers only which orchestrator has which segment. */
export class Choreography {
  readonly #routes = new Map<string, string>()

  movesOf(event: NodeEvent, view: NetworkView): readonly Move[] {
    switch (event.type) {
      case 'segment_submitted': {
        const key = segmentKey(event)
        const to = orchestratorNamed(view, event.orchestrator)?.nodeId
        if (!to) return []
        this.#remember(key, to)
        return [{ kind: 'segment', from: event.nodeId, to, key, durationMs: 600 }]
      }
      case 'work_started':
        return this.#workStarted(segmentKey(event), event.worker, view)
      case 'work_done': {
        const to = view.nodes[event.worker]?.serves
        return to ? [{ kind: 'result', from: event.worker, to, key: segmentKey(event), durationMs: 450 }] : []
      }
      case 'segment_transcoded': {
        const key = segmentKey(event)
        const from = orchestratorNamed(view, event.orchestrator)?.nodeId ?? this.#routes.get(key)
        this.#routes.delete(key)
        return from ? [{ kind: 'result', from, to: event.nodeId, key, durationMs: 600 }] : []
      }
      case 'payment_received': {
        const from = byAddress(view, event.sender)?.nodeId
        if (!from) return []
        return Array.from({ length: Math.min(event.tickets, MOST_TICKETS) }, (_, i) => ({
          kind: 'ticket',
          from,
          to: event.nodeId,
          key: `${segmentKey(event)}/ticket/${i}`,
          durationMs: 700,
          delayMs: i * TICKET_GAP_MS,
        }))
      }
      case 'ticket_won':
        return [
          { kind: 'won', from: event.nodeId, to: event.nodeId, key: event.ticketHash, durationMs: 900, delayMs: 700 },
        ]
      case 'ticket_redeemed': {
        const key = event.ticketHash
        return [
          { kind: 'redeemed', from: event.nodeId, to: CHAIN, key, durationMs: 1_100 },
          { kind: 'landed', from: CHAIN, to: CHAIN, key, durationMs: 600 },
        ]
      }
      default:
        return []
    }
  }

  /** Off chain a gateway does not name the orchestrator, so the worker's own tells it here. */
  #workStarted(key: string, worker: string, view: NetworkView): readonly Move[] {
    const orchestrator = view.nodes[worker]?.serves
    if (!orchestrator) return []
    const work: Move = { kind: 'segment', from: orchestrator, to: worker, key, durationMs: 450 }
    if (this.#routes.get(key) === orchestrator) return [work]
    this.#remember(key, orchestrator)
    const gateway = Object.values(view.nodes).find(({ roles }) => roles.includes('gateway'))?.nodeId
    return gateway ? [{ kind: 'segment', from: gateway, to: orchestrator, key, durationMs: 600 }, work] : [work]
  }

  #remember(key: string, orchestrator: string): void {
    this.#routes.set(key, orchestrator)
    if (this.#routes.size <= MOST_ROUTES) return
    const oldest = this.#routes.keys().next()
    if (!oldest.done) this.#routes.delete(oldest.value)
  }
}

const segmentKey = ({ manifestId, seq }: { readonly manifestId: string; readonly seq: number }): string =>
  `${manifestId}/${seq}`

const byAddress = (view: NetworkView, address: string): NodeView | undefined =>
  Object.values(view.nodes).find((node) => node.address === address)

const orchestratorNamed = (view: NetworkView, name: string): NodeView | undefined =>
  view.nodes[name] ?? byAddress(view, name)
