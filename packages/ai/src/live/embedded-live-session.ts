import { setTimeout as sleep } from 'node:timers/promises'
import { errorText, type Log, MillraceError } from '@millrace/base'
import { SEQ_CURRENT } from '../trickle/headers.ts'
import { TricklePublisher } from '../trickle/trickle-publisher.ts'
import { type ReceivedSegment, subscribe } from '../trickle/trickle-subscriber.ts'
import { ControlMessages } from './control-messages.ts'
import { JsonChannel } from './json-channel.ts'
import type { LiveCatalogEntry } from './live-catalog.ts'
import { LiveEvents } from './live-events.ts'
import { type LiveParams, liveParams } from './live-params.ts'
import { type LiveListener, LiveProcess } from './live-process.ts'
import type { LiveRequest, LiveSession } from './live-runner.ts'
import type { LiveStatus } from './live-status.ts'
import { OutputSegments } from './output-segments.ts'
import { StreamRecord } from './stream-record.ts'

export type LiveSessionOptions = {
  readonly entry: LiveCatalogEntry
  readonly folder: string
  readonly request: LiveRequest
  readonly params: LiveParams
  /** A process that is open already. */
  readonly warm?: LiveProcess | undefined
  readonly log: Log
}

const CHECK_MS = 1_000
const LEAVE_WITHIN_MS = 2_000
const STATUS_EVERY_MS = 10_000
const IDLE_MS = 60_000
/** A process out of which nothing comes for so long, though something goes in, is begun anew. */
const STALLED_MS = 12_000
const MAX_RESTARTS = 3
const RESTARTS_FORGOTTEN_MS = 120_000
/** Of the segment that is open, for the process that takes the place of one that died. */
const MAX_REPEAT_BYTES = 16_000_000

/**
 * A live stream through an embedded effect. The channels are held here and the pictures are made in a child process, so that one that
 * dies is followed by another, on the same channels and the same time line.
 */
export class EmbeddedLiveSession implements LiveSession {
  readonly ended: Promise<string>
  readonly #options: LiveSessionOptions
  readonly #log: Log
  readonly #stop = new AbortController()
  readonly #events: LiveEvents
  readonly #data: JsonChannel
  readonly #publisher: TricklePublisher
  readonly #output: OutputSegments
  readonly #record: StreamRecord
  #params: LiveParams
  #process: LiveProcess
  /** Resolves once the process takes bytes; rejects when there will be none. */
  #ready: Promise<void>
  /** The segment that is coming in, and how many of its chunks the process has. */
  #segment: Uint8Array[] = []
  #segmentBytes = 0
  #fed = 0
  #statusAt = 0
  #end: (why: string) => void = () => {}

  constructor(options: LiveSessionOptions) {
    const { entry, request, params } = options
    const { headers, anyCertificate } = request
    this.#options = options
    this.#log = options.log
    this.#params = params
    this.#record = new StreamRecord(entry.card.id, params)
    this.#publisher = new TricklePublisher({ url: request.publishUrl, headers, anyCertificate })
    this.#events = new LiveEvents(
      request.eventsUrl ? { url: request.eventsUrl, headers, anyCertificate } : undefined,
      options.log,
    )
    this.#data = new JsonChannel(
      request.dataUrl ? { url: request.dataUrl, headers, anyCertificate, mimeType: 'application/jsonl' } : undefined,
      options.log,
    )
    this.#output = new OutputSegments(this.#publisher)
    void this.#output.gone.then((why) => this.#finish(why))
    const over = new Promise<string>((resolve) => {
      this.#end = resolve
    })
    this.ended = over.then((why) => this.#leave(why))
    this.#events.tell('trace', this.#trace('runner_receive_stream_request'))
    this.#process = options.warm ?? new LiveProcess(entry, options.folder)
    this.#ready = this.#begin(this.#process)
    this.#ready.catch(() => {})
    void this.#read()
    void this.#listen()
    const timer = setInterval(() => this.#check(), CHECK_MS)
    void this.ended.then(() => clearInterval(timer))
  }

  /** The id of the process that makes the pictures. */
  get pid(): number | undefined {
    return this.#process.pid
  }

  status(): LiveStatus {
    return this.#record.status(Date.now())
  }

  update(changed: Readonly<Record<string, unknown>>): void {
    this.#params = liveParams(this.#options.entry.card, changed, this.#params)
    this.#record.paramsChanged(this.#params)
    this.#process.update(this.#params)
  }

  async stop(): Promise<void> {
    this.#finish('it was stopped')
    await this.ended
  }

  #finish(why: string): void {
    this.#end(why)
  }

  async #leave(why: string): Promise<string> {
    this.#stop.abort(new MillraceError('stopping', 'the live stream has ended'))
    await this.#process.end()
    this.#output.end()
    await Promise.race([this.#output.sent(), sleep(LEAVE_WITHIN_MS, undefined, { ref: false })])
    await this.#publisher.close().catch(() => {})
    this.#events.tell('stream', this.#record.status(Date.now()))
    await Promise.all([this.#events.close(), this.#data.close()])
    this.#log.info('a live stream has ended', { requestId: this.#options.request.requestId, reason: why })
    return why
  }

  /** Takes the segments of the input, until there are none. */
  async #read(): Promise<void> {
    const { subscribeUrl: url, headers, anyCertificate } = this.#options.request
    const { signal } = this.#stop
    try {
      for await (const segment of subscribe({ url, headers, anyCertificate, from: SEQ_CURRENT, signal }))
        await this.#take(segment)
      this.#finish('its input has ended')
    } catch (error) {
      if (!signal.aborted) this.#failed(`its input cannot be read: ${errorText(error)}`)
    }
  }

  async #take({ data }: ReceivedSegment): Promise<void> {
    this.#segment = []
    this.#segmentBytes = 0
    this.#fed = 0
    try {
      for await (const chunk of data) {
        if (this.#record.received(Date.now()))
          this.#events.tell('trace', this.#trace('runner_receive_first_ingest_segment'))
        this.#segmentBytes += chunk.length
        // A segment that never ends is read, and not repeated.
        if (this.#segmentBytes > MAX_REPEAT_BYTES) {
          this.#segment = []
          this.#fed = 0
        }
        this.#segment.push(chunk)
        await this.#whenReady()
        await this.#feed()
      }
      this.#process.endSegment()
    } catch (error) {
      // Half a segment is still worth its pictures.
      if (!(error instanceof MillraceError) || error.code !== 'segment_broken') throw error
    }
  }

  /** Also when the process that was being opened is followed by another. */
  async #whenReady(): Promise<void> {
    for (;;) {
      const ready = this.#ready
      try {
        return await ready
      } catch (error) {
        if (ready === this.#ready) throw error
      }
    }
  }

  async #feed(): Promise<void> {
    while (this.#fed < this.#segment.length) await this.#process.push(this.#segment[this.#fed++] as Uint8Array)
  }

  async #listen(): Promise<void> {
    const { controlUrl: url, headers, anyCertificate } = this.#options.request
    if (!url) return
    const { signal } = this.#stop
    try {
      for await (const message of new ControlMessages({ url, headers, anyCertificate, signal }).read())
        this.#control(message)
    } catch (error) {
      // Without its control channel a stream goes on as it is; whoever started it sees the other channels.
      if (!signal.aborted) this.#log.debug('the control channel of a live stream is gone', { reason: errorText(error) })
    }
  }

  #control(changed: Readonly<Record<string, unknown>>): void {
    try {
      this.update(changed)
    } catch (error) {
      this.#error(errorText(error))
    }
  }

  /** Resolves when the process takes bytes, with those of the open segment in it. */
  async #begin(process: LiveProcess): Promise<void> {
    try {
      await process.opened
    } catch (error) {
      const isGone = !process.alive
      process.kill()
      // What cannot be opened cannot be opened a second time either; what was killed can.
      if (isGone) this.#died(process, errorText(error))
      else this.#failed(errorText(error))
      throw error
    }
    process.start(this.#params, this.#record.timeline, (message) => this.#heard(message))
    void process.exited.then((how) => this.#died(process, how))
    this.#record.opened(Date.now())
    this.#fed = 0
    await this.#feed()
  }

  #died(process: LiveProcess, how: string): void {
    if (this.#stop.signal.aborted || process !== this.#process) return
    const now = Date.now()
    const restarts = this.#record.restarted(now, how, RESTARTS_FORGOTTEN_MS)
    this.#log.warn('the process of a live stream is gone', { reason: how, restarts })
    this.#events.tell('stream', { type: 'restart', reason: how, restart_count: restarts, timestamp: now })
    this.#output.end()
    if (restarts > MAX_RESTARTS) {
      this.#failed(`its process ended ${restarts} times: ${how}`)
      return
    }
    this.#process = new LiveProcess(this.#options.entry, this.#options.folder)
    this.#ready = this.#begin(this.#process)
    this.#ready.catch(() => {})
  }

  readonly #heard: LiveListener = (message) => {
    if (message.type === 'segment') this.#output.next()
    else if (message.type === 'output') {
      this.#output.write(message.bytes)
      if (this.#record.sent(Date.now())) this.#events.tell('trace', this.#trace('runner_send_first_processed_segment'))
    } else if (message.type === 'shown') this.#record.timeline = message.timeline
    else if (message.type === 'facts') this.#data.write({ pts: message.pts, ...message.facts })
    else if (message.type === 'stats') this.#record.counted(Date.now(), message)
    else if (message.type === 'error') this.#error(message.message)
  }

  #check(): void {
    const now = Date.now()
    if (this.#record.idleMs(now) > IDLE_MS) return this.#finish('nothing came in for a minute')
    if (this.#record.stalledMs(now) > STALLED_MS) this.#process.kill()
    const changed = this.#record.stateChanged(now)
    if (!changed && now - this.#statusAt < STATUS_EVERY_MS) return
    this.#statusAt = now
    this.#events.tell('stream', this.#record.status(now, { brief: true }))
  }

  #error(message: string): void {
    const now = Date.now()
    this.#record.failed(now, message)
    this.#events.tell('stream', { type: 'error', message, timestamp: now })
  }

  #failed(why: string): void {
    this.#error(why)
    this.#finish(why)
  }

  #trace(type: string): Readonly<Record<string, unknown>> {
    const { requestId, streamId } = this.#options.request
    return {
      type,
      timestamp: Date.now(),
      request_id: requestId,
      ...(streamId !== undefined && { stream_id: streamId }),
    }
  }
}
