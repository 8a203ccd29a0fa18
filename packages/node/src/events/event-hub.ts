import { AsyncQueue, type Clock, systemClock } from '@millrace/base'
import {
  EMPTY_VIEW,
  foldEvent,
  type NetworkView,
  NODE_EVENT_VERSION,
  type NodeEvent,
  type NodeEventBody,
  type NodeId,
  type TellEvent,
} from '@millrace/wire'

/** Listeners must be quick and must not throw; slow readers use `stream`. */
export type EventListener = (event: NodeEvent) => void

/** Where all events of one process meet; it keeps the latest ones for readers who come later. */
export class EventHub {
  readonly #clock: Clock
  readonly #keep: number
  readonly #listeners = new Set<EventListener>()
  #recent: NodeEvent[] = []
  #readers = 0
  #view: NetworkView = EMPTY_VIEW

  constructor(options: { readonly keep?: number } = {}, deps: { readonly clock?: Clock } = {}) {
    this.#keep = options.keep ?? 2_000
    this.#clock = deps.clock ?? systemClock
  }

  /** A function by which the parts of one node tell what happens. */
  teller(nodeId: NodeId): TellEvent {
    return (body: NodeEventBody) => {
      const { traceparent, ...rest } = body
      this.publish({
        v: NODE_EVENT_VERSION,
        nodeId,
        atMs: this.#clock.now(),
        ...rest,
        ...(traceparent === undefined ? {} : { traceparent }),
      } as NodeEvent)
    }
  }

  /** Passes on an event that already has its head, for example one of another process. */
  publish(event: NodeEvent): void {
    this.#view = foldEvent(this.#view, event)
    this.#recent.push(event)
    if (this.#recent.length > 2 * this.#keep) this.#recent = this.#recent.slice(-this.#keep)
    for (const listener of this.#listeners) listener(event)
  }

  /** Calls the listener for every later event until the returned function is called. */
  listen(listener: EventListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Everything that was ever told, folded into one view: what terminal and page show. */
  view(): NetworkView {
    return this.#view
  }

  /** The latest events, oldest first. */
  recent(): readonly NodeEvent[] {
    return this.#recent.slice(-this.#keep)
  }

  /** Streams that are being read at this moment. */
  get readers(): number {
    return this.#readers
  }

  /**
   * All later events as a bounded stream; a reader that falls too far behind is cut off with `queue_full`.
   * It sees that after the events kept for it; `onCutOff` tells at once, for one that waits elsewhere.
   */
  async *stream(options: {
    readonly signal: AbortSignal
    readonly capacity?: number
    readonly onCutOff?: () => void
  }): AsyncGenerator<NodeEvent> {
    const queue = new AsyncQueue<NodeEvent>({ capacity: options.capacity ?? 5_000 })
    const stop = this.listen((event) => {
      try {
        queue.push(event)
      } catch (error) {
        queue.close(error)
        stop()
        options.onCutOff?.()
      }
    })
    const onAbort = () => queue.close()
    this.#readers++
    options.signal.addEventListener('abort', onAbort, { once: true })
    if (options.signal.aborted) onAbort()
    try {
      yield* queue
    } finally {
      this.#readers--
      stop()
      options.signal.removeEventListener('abort', onAbort)
    }
  }
}
