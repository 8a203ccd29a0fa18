import { errorText, type Log, MillraceError, type Part } from '@millrace/base'
import type { NodeId } from '@millrace/wire'
import type { EventHub } from '../events/event-hub.ts'
import { encodeSpans } from './otlp-json.ts'
import { SegmentSpans, type Span } from './segment-spans.ts'

const SEND_EVERY_MS = 2_000
const SEND_TIMEOUT_MS = 5_000
/** Spans that wait while a collector is away; older ones make room. */
const MAX_WAITING = 4_096

export type TraceExporterOptions = {
  /** Where a collector takes OTLP over HTTP, for example http://127.0.0.1:4318. */
  readonly otlpUrl: string
  readonly nodeIds: readonly NodeId[]
  readonly version: string
  readonly everyMs?: number
}

/** Sends the spans of a node's segments to an OpenTelemetry collector. A collector that is away costs a node nothing but traces. */
export class TraceExporter implements Part {
  readonly name = 'traces'
  readonly #options: TraceExporterOptions
  readonly #url: URL
  readonly #log: Log
  readonly #nodeIds: ReadonlySet<NodeId>
  readonly #spans = new SegmentSpans()
  readonly #hub: EventHub
  #waiting: Span[] = []
  #sending: Promise<void> = Promise.resolve()
  #failing = false
  #timer: ReturnType<typeof setInterval> | undefined
  #stopListening: (() => void) | undefined

  /** Throws `bad_config` for an address that is none. */
  constructor(options: TraceExporterOptions, deps: { readonly hub: EventHub; readonly log: Log }) {
    this.#options = options
    this.#hub = deps.hub
    this.#log = deps.log
    this.#nodeIds = new Set(options.nodeIds)
    try {
      this.#url = new URL(`${options.otlpUrl.replace(/\/$/, '')}/v1/traces`)
    } catch (cause) {
      throw new MillraceError('bad_config', 'traces.otlpUrl must be an address like http://127.0.0.1:4318', { cause })
    }
  }

  async start(): Promise<void> {
    this.#stopListening = this.#hub.listen((event) => {
      if (!this.#nodeIds.has(event.nodeId)) return
      this.#waiting.push(...this.#spans.take(event))
      if (this.#waiting.length > MAX_WAITING) this.#waiting = this.#waiting.slice(-MAX_WAITING)
    })
    this.#timer = setInterval(() => this.#sendLater(), this.#options.everyMs ?? SEND_EVERY_MS)
    this.#timer.unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#stopListening?.()
    this.#sendLater()
    await this.#sending
  }

  #sendLater(): void {
    this.#sending = this.#sending.then(() => this.#send())
  }

  async #send(): Promise<void> {
    const spans = this.#waiting
    if (spans.length === 0) return
    this.#waiting = []
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: encodeSpans(spans, this.#options.version),
        signal: AbortSignal.timeout(SEND_TIMEOUT_MS),
      })
      await response.arrayBuffer()
      if (!response.ok)
        throw new MillraceError('traces_refused', `the collector answered ${response.status}: check -otlpUrl`)
      this.#failing = false
    } catch (error) {
      this.#waiting = [...spans, ...this.#waiting].slice(-MAX_WAITING)
      // One sentence for a whole outage; the address may carry a key and is not part of it.
      if (!this.#failing) this.#log.warn('traces cannot be sent, trying again', { error: errorText(error) })
      this.#failing = true
    }
  }
}
