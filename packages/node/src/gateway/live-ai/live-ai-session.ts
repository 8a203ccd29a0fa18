import { subscribe, TricklePublisher } from '@millrace/ai'
import { type Clock, errorText, hasCode, type Log, MillraceError } from '@millrace/base'
import { type CodedFrame, type FrameFeed, TsDemuxer } from '@millrace/media'
import { ControlChannel } from './control-channel.ts'
import { InputSegments } from './input-segments.ts'
import type { LiveAiPayments } from './live-ai-payments.ts'
import type { StartedLiveAi } from './start-live-ai.ts'

export type LiveAiSessionOptions = {
  readonly started: StartedLiveAi
  readonly minSegmentMs: number
  /** -liveOutSegmentTimeout: nothing coming out for so long, though something goes in, is a failure. */
  readonly outTimeoutMs: number
  /** Nothing said for so long on the events channel is one, too. */
  readonly eventsTimeoutMs?: number
}

export type LiveAiSessionDeps = {
  readonly source: Pick<FrameFeed, 'frames' | 'requestKey'>
  readonly payments: Pick<LiveAiPayments, 'sent' | 'stop'>
  /** A frame of what the orchestrator made, with its own times. */
  readonly onFrame: (frame: CodedFrame, announced: TsDemuxer['announced']) => void
  readonly onEvent: (event: Readonly<Record<string, unknown>>) => void
  readonly onSegment: (what: 'sent' | 'received', seq: number) => void
  readonly clock: Clock
  readonly log: Log
}

/** Why an orchestrator does not work on a stream any more. */
export type SessionEnd = {
  readonly reason: string
  /** It is its fault: it is left alone for a while. */
  readonly isAtFault: boolean
}

const CHECK_MS = 500
const MAX_EVENT_BYTES = 1_000_000
/** What was sent within this is recent: then something should come out, too. */
const RECENT_MS = 15_000
const EVENTS_TIMEOUT_MS = 30_000
/** With half a second between tries: a server that is gone is known to be after a second. */
const MAX_FAILURES = 2
const MAX_FAILED_SEGMENTS = 3

/** One orchestrator at work on a stream: what it is sent, what it sends, what it is told and what it tells. */
export class LiveAiSession {
  /** Never rejects. */
  readonly ended: Promise<SessionEnd>
  readonly #options: LiveAiSessionOptions
  readonly #deps: LiveAiSessionDeps
  readonly #stop = new AbortController()
  readonly #publisher: TricklePublisher
  readonly #control: ControlChannel
  readonly #input: InputSegments
  readonly #timer: ReturnType<typeof setInterval>
  #end: (end: SessionEnd) => void = () => {}
  #sentMs: number | undefined
  #receivedMs: number
  #eventMs: number
  #failedSegments = 0

  constructor(options: LiveAiSessionOptions, deps: LiveAiSessionDeps) {
    const { started } = options
    this.#options = options
    this.#deps = deps
    this.#receivedMs = deps.clock.elapsed()
    this.#eventMs = this.#receivedMs
    this.ended = new Promise<SessionEnd>((resolve) => {
      this.#end = resolve
    })
    this.#publisher = new TricklePublisher({ url: started.publishUrl, anyCertificate: true })
    this.#control = new ControlChannel(started.controlUrl, {
      onGone: (why) => this.#over(`its control channel is gone: ${why}`, false),
    })
    this.#input = new InputSegments(
      { minSegmentMs: options.minSegmentMs },
      {
        sink: this.#publisher,
        onSlow: () => this.#over('the orchestrator is slow: three segments were on their way to it', true),
        onFailed: (error) => this.#notSent(error),
        onSent: (seq) => {
          this.#failedSegments = 0
          deps.onSegment('sent', seq)
        },
      },
    )
    this.#timer = setInterval(() => this.#check(), CHECK_MS)
    void this.#send()
    void this.#receive()
    if (started.eventsUrl) void this.#listen(started.eventsUrl)
  }

  /** Changed parameters, as JSON. Rejects when they could not be sent. */
  update(params: Uint8Array): Promise<void> {
    return this.#control.write(params)
  }

  /** Closes the channels; the orchestrator sees the end of the input. */
  async stop(): Promise<void> {
    this.#over('it was stopped', false)
    await this.ended
    await Promise.allSettled([this.#publisher.close(), this.#control.close()])
  }

  #over(reason: string, isAtFault: boolean): void {
    if (this.#stop.signal.aborted) return
    clearInterval(this.#timer)
    this.#stop.abort(new MillraceError('stream_ended', reason))
    this.#input.abandon()
    this.#deps.payments.stop()
    this.#control.stop()
    this.#end({ reason, isAtFault })
  }

  async #send(): Promise<void> {
    const { source } = this.#deps
    const { signal } = this.#stop
    try {
      source.requestKey()
      for await (const frame of source.frames({ from: 'key', signal })) {
        this.#input.frame(frame)
        this.#sentMs = this.#deps.clock.elapsed()
        this.#deps.payments.sent()
      }
      if (signal.aborted) return
      await this.#input.end()
      await this.#publisher.close().catch(() => {})
    } catch (error) {
      this.#over(`the source cannot be read: ${errorText(error)}`, false)
    }
  }

  #notSent(error: unknown): void {
    if (hasCode(error, 'channel_not_found') || hasCode(error, 'channel_ended'))
      return this.#over('the stream no longer exists at the orchestrator', true)
    this.#deps.log.info('a segment did not get to the orchestrator', { error: errorText(error) })
    if (++this.#failedSegments >= MAX_FAILED_SEGMENTS) this.#over('the orchestrator cannot be reached', true)
  }

  async #receive(): Promise<void> {
    const { onFrame, onSegment, clock } = this.#deps
    const { signal } = this.#stop
    const url = this.#options.started.subscribeUrl
    const demuxer = new TsDemuxer({
      frame: (frame) => {
        if (!signal.aborted) onFrame(frame, demuxer.announced)
      },
    })
    try {
      const from = 0
      for await (const { seq, data } of subscribe({
        url,
        anyCertificate: true,
        from,
        maxFailures: MAX_FAILURES,
        signal,
      })) {
        try {
          for await (const bytes of data) {
            this.#receivedMs = clock.elapsed()
            demuxer.push(bytes)
          }
        } catch (error) {
          if (!hasCode(error, 'segment_broken')) throw error
        }
        demuxer.flush()
        onSegment('received', seq)
      }
      this.#over('its output has ended', true)
    } catch (error) {
      this.#over(`its output cannot be read: ${errorText(error)}`, true)
    }
  }

  async #listen(url: string): Promise<void> {
    const { onEvent, clock, log } = this.#deps
    const { signal } = this.#stop
    try {
      for await (const { data } of subscribe({
        url,
        anyCertificate: true,
        from: 0,
        maxFailures: MAX_FAILURES,
        signal,
      })) {
        const chunks: Uint8Array[] = []
        let length = 0
        for await (const chunk of data) {
          length += chunk.length
          if (length <= MAX_EVENT_BYTES) chunks.push(chunk)
        }
        this.#eventMs = clock.elapsed()
        const event = eventOf(Buffer.concat(chunks).toString('utf8'))
        if (event) onEvent(event)
      }
    } catch (error) {
      if (!signal.aborted) log.info('the events of a live stream cannot be read', { error: errorText(error) })
    }
  }

  #check(): void {
    const { outTimeoutMs, eventsTimeoutMs = EVENTS_TIMEOUT_MS, started } = this.#options
    const now = this.#deps.clock.elapsed()
    const flows = this.#sentMs !== undefined && now - this.#sentMs < Math.min(RECENT_MS, outTimeoutMs / 2)
    // What is not sent does not come back.
    if (!flows) {
      this.#receivedMs = Math.max(this.#receivedMs, now - outTimeoutMs / 2)
      return
    }
    if (now - this.#receivedMs > outTimeoutMs)
      return this.#over(`nothing came out for ${Math.round(outTimeoutMs / 1_000)} s though something went in`, true)
    if (started.eventsUrl && now - this.#eventMs > eventsTimeoutMs)
      this.#over(`it told nothing for ${Math.round(eventsTimeoutMs / 1_000)} s`, true)
  }
}

/** What a runner tells, without its wrapping; undefined for what is none. */
function eventOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const message: unknown = JSON.parse(text)
    const event = isObject(message) && isObject(message.event) ? message.event : message
    return isObject(event) ? event : undefined
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
