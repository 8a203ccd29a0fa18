import { readMp4Frames } from '../remux/mp4-reader.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { demuxTs } from '../ts/demuxer.ts'
import { BFrameWatch } from './b-frame-watch.ts'
import { type FrameFeed, type FramesOptions, LiveFeed } from './live-feed.ts'

type Whole = { readonly data: Uint8Array; readonly container: 'mpegts' | 'mp4' }

/** Segments that wait to be shown; when more come, the oldest are passed over. */
const MAX_WAITING = 3
/** A frame that is due within this is due now. */
const EARLY_MS = 4

/**
 * The frames of a rendition: of its parts as they come, or of whole segments at the pace of a clock.
 * Whole segments are read only while somebody watches.
 */
export class SegmentFeed implements FrameFeed {
  readonly #feed = new LiveFeed()
  #newest: Whole | undefined
  #judged: { readonly of: Whole; readonly reordered: boolean; readonly codec: string | undefined } | undefined
  #waiting: Whole[] = []
  #running = false
  #inParts = false
  #wanted = 0
  #ended = false

  /** True when the newest segment has B-frames. */
  get reordered(): boolean | undefined {
    return this.#inParts ? this.#feed.reordered : this.#judge()?.reordered
  }

  /** True when the newest segment came in parts, which are pictures alone. */
  get inParts(): boolean {
    return this.#inParts
  }

  /** The codec of the newest segment's pictures. */
  get videoCodec(): string | undefined {
    return this.#inParts ? this.#feed.videoCodec : this.#judge()?.codec
  }

  /** Pictures of a segment that comes in parts. */
  part(frames: readonly CodedFrame[]): void {
    this.#inParts = true
    this.#waiting = []
    for (const frame of frames) this.#feed.push(frame)
  }

  /** A whole segment, which did not come in parts before. */
  push(segment: Whole): void {
    this.#newest = segment
    this.#inParts = false
    if (this.#wanted === 0 || this.#ended) return
    this.#waiting.push(segment)
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift()
    void this.#run()
  }

  end(): void {
    this.#ended = true
    this.#waiting = []
    this.#feed.end()
  }

  /** Segments have their key frames where they begin. */
  requestKey(): void {}

  async *frames(options: FramesOptions): AsyncIterable<CodedFrame> {
    this.#wanted++
    try {
      if (this.#newest && !this.#inParts && this.#waiting.length === 0 && !this.#running) {
        this.#waiting.push(this.#newest)
        setImmediate(() => void this.#run())
      }
      yield* this.#feed.frames(options)
    } finally {
      this.#wanted--
      if (this.#wanted === 0) this.#waiting = []
    }
  }

  async #run(): Promise<void> {
    if (this.#running) return
    this.#running = true
    try {
      let clock: { readonly ms: number; readonly dts: number } | undefined
      for (let next = this.#waiting.shift(); next && this.#wanted > 0; next = this.#waiting.shift())
        for (const frame of read(next)) {
          // A time line that broke begins anew instead of being waited for.
          const due: number | undefined = clock && clock.ms + (frame.dts - clock.dts) / 90
          if (due === undefined || Math.abs(due - performance.now()) > 5_000)
            clock = { ms: performance.now(), dts: frame.dts }
          else if (due - performance.now() > EARLY_MS)
            await new Promise((resolve) => setTimeout(resolve, due - performance.now()))
          if (this.#wanted === 0 || this.#ended || this.#inParts) return
          this.#feed.push(frame)
        }
    } finally {
      this.#running = false
    }
    if (this.#waiting.length > 0 && this.#wanted > 0) void this.#run()
  }

  #judge() {
    const of = this.#newest
    if (!of || this.#judged?.of === of) return this.#judged
    const watch = new BFrameWatch()
    let codec: string | undefined
    for (const frame of read(of))
      if (frame.kind === 'video') {
        codec ??= frame.codec
        watch.see(frame)
      }
    this.#judged = { of, reordered: watch.reordered ?? false, codec }
    return this.#judged
  }
}

/** The frames of a segment, sound and picture in the order of their decoding; none of one that cannot be read. */
function read({ data, container }: Whole): readonly CodedFrame[] {
  try {
    const frames = container === 'mpegts' ? demuxTs(data).frames : readMp4Frames(data)
    return [...frames].sort((a, b) => a.dts - b.dts)
  } catch {
    return []
  }
}
