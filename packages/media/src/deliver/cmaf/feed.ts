import { CaptionTrack } from '../../captions/caption-track.ts'
import { PartCutter } from '../../cmaf/part-cutter.ts'
import type { CodedFrame, Segment } from '../../segment/segment.ts'
import { unwrap33 } from '../../ts/time.ts'
import type { CmafOrigin } from './origin.ts'
import type { CmafRendition } from './types.ts'
import { piecesOf } from './whole-segment.ts'

/** Segments that were pushed and begin this far from the end of those before begin a new time line. */
const MAX_JUMP = 90_000

export type CmafFeedOptions = {
  readonly manifestId: string
  /** Name of the rendition of the publisher's own pictures; default source. */
  readonly name?: string
  /** Name of the rendition of its sound; default audio. */
  readonly audioName?: string
  /** Length of a usual part; default 200. */
  readonly partMs?: number
  readonly now?: () => number
}

type FeedOrigin = Pick<CmafOrigin, 'begin' | 'putPart' | 'completeSegment' | 'putSegment' | 'putCaptions'>

/** What became of the frames of a segment. */
export type FeedResult = {
  /** Why the pictures or the sound could not be shown; codecs that CMAF does not carry, and damage. */
  readonly errors: readonly unknown[]
}

/** Puts a publisher's own segments into an origin part by part, while their frames arrive: its pictures as one rendition, its sound as another. */
export class CmafFeed {
  readonly #options: CmafFeedOptions
  readonly #origin: FeedOrigin
  readonly #tracks: Readonly<Record<'video' | 'audio', Track>>
  readonly #captions = new CaptionTrack()
  readonly #now: () => number
  #last: Promise<unknown> = Promise.resolve()
  /** Where the segment after a pushed one is expected to begin. */
  #expected: number | undefined
  #clock: { readonly ticks: number; readonly ms: number } | undefined

  constructor(options: CmafFeedOptions, deps: { readonly origin: FeedOrigin }) {
    this.#options = options
    this.#origin = deps.origin
    this.#now = options.now ?? Date.now
    const { partMs = 200 } = options
    // Whole pictures that come nearest to the wanted length, so that all parts but the last are alike.
    const nominal = () => {
      const frameMs = video.frameMs
      return frameMs === undefined ? partMs : Math.max(1, Math.round(partMs / frameMs)) * frameMs
    }
    const video = new PartCutter(nominal)
    const audio = new PartCutter(nominal)
    this.#tracks = {
      video: { rendition: { name: options.name ?? 'source', kind: 'video' }, cutter: video, index: 0, failed: false },
      audio: {
        rendition: { name: options.audioName ?? 'audio', kind: 'audio' },
        cutter: audio,
        index: 0,
        failed: false,
      },
    }
  }

  /** Takes the next segment; resolves when all of it is in. Segments are fed one after the other, however early they are given. */
  push(segment: Segment): Promise<FeedResult> {
    const run = this.#last.then(() => this.#feed(segment))
    this.#last = run.catch(() => {})
    return run
  }

  /** Takes a segment that came as a whole: it is cut into parts when somebody wants to see it. */
  pushWhole(segment: Segment): Promise<FeedResult> {
    const run = this.#last.then(() => this.#keepWhole(segment))
    this.#last = run.catch(() => {})
    return run
  }

  async #keepWhole(segment: Segment): Promise<FeedResult> {
    const { manifestId } = this.#options
    const { seq, container } = segment
    const { data, durationMs } = await segment.closed
    const bytes = { video: 0, audio: 0 }
    let first: CodedFrame | undefined
    for await (const frame of segment) {
      first ??= frame
      bytes[frame.kind] += frame.data.length
      this.#captions.push(frame)
    }
    if (!first) return { errors: [] }
    const expected = this.#expected
    const startTicks = expected === undefined ? first.pts : unwrap33(first.pts, expected)
    const isJump = expected !== undefined && Math.abs(startTicks - expected) > MAX_JUMP
    const discontinuity = segment.discontinuity || isJump
    this.#expected = startTicks + durationMs * 90
    this.#begin({ seq, discontinuity }, { pts: startTicks })
    // Only the bytes are kept, which the other playlists hold anyway; their frames are read again when they are wanted.
    for (const { rendition } of Object.values(this.#tracks)) {
      const { kind } = rendition
      if (bytes[kind] === 0) continue
      const make = () => piecesOf(data, container, { kind, startTicks })
      this.#origin.putSegment(manifestId, rendition, { seq, durationMs, bytes: bytes[kind], make })
    }
    const offsetTicks = startTicks - first.pts
    this.#putCaptions(seq, { startTicks, offsetTicks, discontinuity })
    return { errors: [] }
  }

  async #feed(segment: Segment): Promise<FeedResult> {
    const { manifestId } = this.#options
    const { seq } = segment
    const errors: unknown[] = []
    let begun = false
    let first: CodedFrame | undefined
    for (const track of Object.values(this.#tracks)) track.index = 0
    try {
      for await (const frame of segment) {
        first ??= frame
        if (!begun) this.#begin(segment, frame)
        begun = true
        this.#captions.push(frame)
        const track = this.#tracks[frame.kind]
        if (track.failed) continue
        try {
          const part = track.cutter.push(frame)
          if (part) this.#origin.putPart(manifestId, track.rendition, { ...part, seq, index: track.index++ })
        } catch (error) {
          // A codec that is not carried stays so: the rest of the stream is shown without it.
          track.failed = true
          errors.push(error)
        }
      }
    } finally {
      for (const track of Object.values(this.#tracks)) {
        const part = track.failed ? undefined : track.cutter.flush()
        if (part) this.#origin.putPart(manifestId, track.rendition, { ...part, seq, index: track.index++, last: true })
        else if (track.index > 0) this.#origin.completeSegment(manifestId, track.rendition, seq)
      }
    }
    if (first) this.#putCaptions(seq, { startTicks: first.pts, discontinuity: segment.discontinuity })
    return { errors }
  }

  #putCaptions(seq: number, segment: Parameters<CaptionTrack['finish']>[0]): void {
    const webVtt = this.#captions.finish(segment)
    if (webVtt !== undefined) this.#origin.putCaptions(this.#options.manifestId, seq, webVtt)
  }

  #begin({ seq, discontinuity }: Pick<Segment, 'seq' | 'discontinuity'>, first: Pick<CodedFrame, 'pts'>): void {
    const now = this.#now()
    if (!this.#clock || discontinuity) this.#clock = { ticks: first.pts, ms: now }
    const programDateTimeMs = this.#clock.ms + (first.pts - this.#clock.ticks) / 90
    this.#origin.begin(this.#options.manifestId, { seq, startTicks: first.pts, programDateTimeMs, discontinuity })
  }
}

type Track = { readonly rendition: CmafRendition; readonly cutter: PartCutter; index: number; failed: boolean }
