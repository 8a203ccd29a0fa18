import { decodeView, EMPTY_VIEW, foldEvent, type NetworkView, type NodeEvent } from '@millrace/wire'
import { type NetworkInfo, readInfo } from './network-info.ts'

/** Whether the page hears the network: `connecting` before the first answer, `lost` after one. */
export type LinkState = 'connecting' | 'live' | 'lost'

/** Everything the page draws at one moment. */
export type NetworkSnapshot = {
  readonly view: NetworkView
  readonly link: LinkState
  readonly info: NetworkInfo | undefined
  /** How often each stream began since the page was opened; a player starts anew when it grows. */
  readonly starts: Readonly<Record<string, number>>
}

const RETRY_MS = 1_000
/** Events of this span are shown together, so that a busy network does not redraw the page for each. */
const GATHER_MS = 100

/** Follows the network's events and folds them into one view, with the same function as the node itself. */
export class NetworkStore {
  #snapshot: NetworkSnapshot = { view: EMPTY_VIEW, link: 'connecting', info: undefined, starts: {} }
  #next: NetworkSnapshot = this.#snapshot
  #source: EventSource | undefined
  #retry: ReturnType<typeof setTimeout> | undefined
  #gather: ReturnType<typeof setTimeout> | undefined
  #connections = 0
  readonly #readers = new Set<() => void>()
  readonly #eventReaders = new Set<(event: NodeEvent, view: NetworkView) => void>()

  /** Starts to follow; it connects again for ever. */
  connect(): void {
    const source = new EventSource('/api/events')
    this.#source = source
    source.addEventListener('view', (message) => {
      this.#connections += 1
      this.#change({ view: decodeView(message.data), link: 'live' })
      if (this.#connections > 1) this.#restartStreams()
      void this.#readInfo()
    })
    source.addEventListener('node', (message) => this.#take(JSON.parse(message.data) as NodeEvent))
    source.onerror = () => {
      // Closing and opening anew keeps one rule for all failures; a browser gives up by itself after some of them.
      source.close()
      if (this.#source !== source) return
      if (this.#connections > 0) this.#change({ link: 'lost' })
      this.#retry = setTimeout(() => this.connect(), RETRY_MS)
    }
  }

  /** Stops to follow. */
  close(): void {
    this.#source?.close()
    this.#source = undefined
    clearTimeout(this.#retry)
    clearTimeout(this.#gather)
  }

  readonly snapshot = (): NetworkSnapshot => this.#snapshot

  /** Calls the reader after every change of the snapshot, until the returned function is called. */
  readonly subscribe = (reader: () => void): (() => void) => {
    this.#readers.add(reader)
    return () => this.#readers.delete(reader)
  }

  /** Calls the reader for every single event with the view before it, for what moves. */
  readonly listen = (reader: (event: NodeEvent, before: NetworkView) => void): (() => void) => {
    this.#eventReaders.add(reader)
    return () => this.#eventReaders.delete(reader)
  }

  #take(event: NodeEvent): void {
    const before = this.#next.view
    this.#change({ view: foldEvent(before, event) })
    if (event.type === 'stream_started') {
      const { starts } = this.#next
      this.#change({ starts: { ...starts, [event.manifestId]: (starts[event.manifestId] ?? 0) + 1 } })
    }
    for (const reader of this.#eventReaders) reader(event, before)
  }

  #restartStreams(): void {
    const ids = Object.keys(this.#next.view.streams)
    this.#change({ starts: Object.fromEntries(ids.map((id) => [id, (this.#next.starts[id] ?? 0) + 1])) })
  }

  async #readInfo(): Promise<void> {
    const info = await readInfo()
    if (info) this.#change({ info })
  }

  #change(change: Partial<NetworkSnapshot>): void {
    this.#next = { ...this.#next, ...change }
    this.#gather ??= setTimeout(() => {
      this.#gather = undefined
      this.#snapshot = this.#next
      for (const reader of this.#readers) reader()
    }, GATHER_MS)
  }
}
