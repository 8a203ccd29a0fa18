import { AsyncQueue, MillraceError } from '@millrace/base'
import { type CodedFrame, TsMuxer } from '@millrace/media'

export type SegmentSink = { write(data: AsyncIterable<Uint8Array>): Promise<number> }

export type InputSegmentsOptions = {
  /** A segment lasts so long at least, by the clock and by its times: bursts of key frames are no bursts of segments. Default 1 s. */
  readonly minSegmentMs?: number
  /** Segments that an orchestrator may have taken in part. Default 3. */
  readonly maxInFlight?: number
  /** What may wait to be sent, of all segments. Default 32 MB. */
  readonly maxWaitingBytes?: number
}

export type InputSegmentsDeps = {
  readonly sink: SegmentSink
  readonly now?: () => number
  /** The orchestrator takes segments more slowly than they come. */
  readonly onSlow: () => void
  /** A segment could not be sent; the next one is tried all the same. */
  readonly onFailed: (error: unknown) => void
  readonly onSent: (seq: number) => void
}

type Waiting = { readonly queue: AsyncQueue<Uint8Array>; bytes: number }

/** A publisher of one frame a second is at its limit; a source whose clock rounds is not punished. */
const NEARLY = 0.95
/** Sound that has not come by then is not waited for: the first tables name all streams where they can. */
const STREAMS_KNOWN_AFTER = 27_000
const MAX_CHUNKS = 8_192
const MAX_WAITING_BYTES = 32_000_000

/**
 * Cuts a source into transport stream segments that begin with a key frame, and sends them one after the other, their bytes as they come.
 * Where the far side cannot keep up, a segment that nothing was sent of is left out for the newest one.
 */
export class InputSegments {
  readonly #minMs: number
  readonly #maxInFlight: number
  readonly #maxBytes: number
  readonly #deps: InputSegmentsDeps
  readonly #now: () => number
  readonly #muxer = new TsMuxer({ write: (bytes) => this.#write(bytes), opus: true })
  readonly #waiting: Waiting[] = []
  #current: Waiting | undefined
  #held: CodedFrame[] | undefined = []
  #sending: Promise<void> | undefined
  #sent: Waiting | undefined
  #startedAt = 0
  #startPts = 0
  #closed = false

  constructor(options: InputSegmentsOptions, deps: InputSegmentsDeps) {
    this.#minMs = options.minSegmentMs ?? 1_000
    this.#maxInFlight = options.maxInFlight ?? 3
    this.#maxBytes = options.maxWaitingBytes ?? MAX_WAITING_BYTES
    this.#deps = deps
    this.#now = deps.now ?? (() => performance.now())
  }

  /** Bytes that wait to be sent. */
  get waitingBytes(): number {
    const all = this.#sent ? [this.#sent, ...this.#waiting] : this.#waiting
    return all.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  get inFlight(): number {
    return this.#waiting.length + (this.#sent ? 1 : 0)
  }

  frame(frame: CodedFrame): void {
    if (this.#closed) return
    if (frame.kind === 'video' && frame.keyFrame && this.#isDue(frame)) this.#begin(frame)
    if (!this.#current && !this.#held?.length) return
    if (!this.#held) return void this.#muxer.frame(frame)
    this.#held.push(frame)
    const first = this.#held[0] as CodedFrame
    if (frame.kind === 'audio' || Math.abs(frame.dts - first.dts) >= STREAMS_KNOWN_AFTER) this.#release()
  }

  /** Sends what there is. Resolves when all of it is sent, or cannot be. */
  async end(): Promise<void> {
    this.#finish()
    this.#closed = true
    await this.#sending
  }

  /** Leaves out what waits. */
  abandon(): void {
    this.#closed = true
    this.#current = undefined
    const reason = new MillraceError('stream_ended', 'the segment is not needed any more')
    for (const { queue } of this.#waiting.splice(0)) queue.close(reason)
    this.#sent?.queue.close(reason)
  }

  #isDue(frame: CodedFrame): boolean {
    if (!this.#current) return true
    const least = this.#minMs * NEARLY
    return this.#now() - this.#startedAt >= least && (frame.pts - this.#startPts) / 90 >= least
  }

  #begin(frame: CodedFrame): void {
    this.#finish()
    if (this.inFlight >= this.#maxInFlight) return this.#slow()
    const segment = { queue: new AsyncQueue<Uint8Array>({ capacity: MAX_CHUNKS }), bytes: 0 }
    this.#current = segment
    this.#startedAt = this.#now()
    this.#startPts = frame.pts
    this.#waiting.push(segment)
    if (!this.#held) this.#muxer.startSegment((bytes) => this.#write(bytes))
    this.#send()
  }

  /** The first frames are written once it is known what streams there are. */
  #release(): void {
    const held = this.#held
    if (!held) return
    this.#held = undefined
    const codec = (kind: CodedFrame['kind']) => held.find((frame) => frame.kind === kind)?.codec
    const video = codec('video')
    const audio = codec('audio')
    this.#muxer.startSegment((bytes) => this.#write(bytes), {
      ...((video === 'h264' || video === 'hevc') && { video }),
      ...((audio === 'opus' || audio === 'aac' || audio === 'mp3' || audio === 'ac3') && { audio }),
    })
    for (const frame of held) this.#muxer.frame(frame)
  }

  #finish(): void {
    if (!this.#current) return
    this.#release()
    this.#muxer.flush()
    this.#current.queue.close()
    this.#current = undefined
  }

  #write(bytes: Uint8Array): void {
    const segment = this.#current
    if (!segment) return
    try {
      if (this.waitingBytes + bytes.length > this.#maxBytes) return this.#slow()
      segment.queue.push(bytes)
      segment.bytes += bytes.length
    } catch {
      this.#slow()
    }
  }

  #slow(): void {
    this.abandon()
    this.#deps.onSlow()
  }

  #send(): void {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined
    })
  }

  async #sendAll(): Promise<void> {
    for (;;) {
      // One that has been overtaken while nothing of it was sent is of no use to anybody who watches live.
      while (this.#waiting.length > 1) this.#waiting.shift()
      const segment = this.#waiting.shift()
      if (!segment) return
      this.#sent = segment
      try {
        this.#deps.onSent(await this.#deps.sink.write(bytesOf(segment)))
      } catch (error) {
        if (!this.#closed) this.#deps.onFailed(error)
      } finally {
        this.#sent = undefined
      }
    }
  }
}

async function* bytesOf(segment: Waiting): AsyncGenerator<Uint8Array> {
  for await (const bytes of segment.queue) {
    segment.bytes -= bytes.length
    yield bytes
  }
}
