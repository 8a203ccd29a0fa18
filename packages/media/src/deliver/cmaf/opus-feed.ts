import type { Log } from '@millrace/base'
import type { AudioProcess } from '../../audio/audio-process.ts'
import { PartCutter } from '../../cmaf/part-cutter.ts'
import type { CodedFrame } from '../../segment/segment.ts'
import type { CmafOrigin } from './origin.ts'
import type { CmafRendition } from './types.ts'

export type OpusFeedOptions = {
  readonly manifestId: string
  /** Name of the rendition. */
  readonly name: string
}

export type OpusFeedDeps = {
  readonly origin: Pick<CmafOrigin, 'putPart' | 'completeSegment'>
  readonly audio: Pick<AudioProcess, 'open'>
  readonly log: Log
}

type Start = { readonly seq: number; readonly startTicks: number }

/** As those of the pictures. */
const PART_MS = 200
const BANDWIDTH_BPS = 128_000
/** Sound that fails so often is not tried again. */
const MAX_FAILURES = 3

/** Puts a publisher's AAC into an origin once more, as Opus: a rendition of sound beside the first one, part by part as it comes. */
export class OpusFeed {
  readonly #manifestId: string
  readonly #rendition: CmafRendition
  readonly #deps: OpusFeedDeps
  readonly #cutter = new PartCutter(() => PART_MS)
  /** Where the segment that sound goes into begins, and those after it. */
  readonly #starts: Start[] = []
  #index = 0
  #conversion: ReturnType<AudioProcess['open']> | undefined
  #failures = 0
  #reading: Promise<void> = Promise.resolve()

  constructor({ manifestId, name }: OpusFeedOptions, deps: OpusFeedDeps) {
    this.#manifestId = manifestId
    this.#rendition = { name, kind: 'audio', bandwidthBps: BANDWIDTH_BPS }
    this.#deps = deps
  }

  /** Takes the next segment while its frames arrive. */
  push(segment: AsyncIterable<CodedFrame> & { readonly seq: number }): void {
    this.#reading = this.#reading.then(() => this.#read(segment))
    // A segment that broke off is told of where it is taken for the network.
    this.#reading = this.#reading.catch(() => {})
  }

  /** The stream is over: what was made so far completes its last segment. */
  async end(): Promise<void> {
    await this.#reading
    this.#conversion?.close()
    this.#conversion = undefined
    this.#complete()
  }

  async #read(segment: AsyncIterable<CodedFrame> & { readonly seq: number }): Promise<void> {
    let isBegun = false
    for await (const frame of segment) {
      if (!isBegun) this.#starts.push({ seq: segment.seq, startTicks: frame.pts })
      isBegun = true
      if (frame.codec !== 'aac' || this.#failures >= MAX_FAILURES) continue
      this.#conversion ??= this.#open()
      this.#conversion.write(frame)
    }
  }

  #open(): ReturnType<AudioProcess['open']> {
    return this.#deps.audio.open({
      ...{ from: 'aac', to: 'opus' },
      onFrame: (frame) => this.#put(frame),
      onFailed: (error) => {
        this.#deps.log.warn('there is no sound in Opus', { code: error.code, error: error.message })
        this.#conversion = undefined
        this.#failures++
      },
    })
  }

  #put(frame: CodedFrame): void {
    // It belongs to the segment in which it begins.
    while (this.#starts[1] && frame.pts >= this.#starts[1].startTicks) {
      this.#complete()
      this.#starts.shift()
    }
    const [open] = this.#starts
    if (!open) return
    const part = this.#cutter.push(frame)
    if (part)
      this.#deps.origin.putPart(this.#manifestId, this.#rendition, { ...part, seq: open.seq, index: this.#index++ })
  }

  #complete(): void {
    const [open] = this.#starts
    const rest = this.#cutter.flush()
    if (!open) return
    const { origin } = this.#deps
    const { seq } = open
    if (rest) origin.putPart(this.#manifestId, this.#rendition, { ...rest, seq, index: this.#index, last: true })
    else if (this.#index > 0) origin.completeSegment(this.#manifestId, this.#rendition, seq)
    this.#index = 0
  }
}
