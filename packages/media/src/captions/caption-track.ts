import type { CodedFrame } from '../segment/segment.ts'
import { Cea608 } from './cea608.ts'
import { type CaptionPair, closedCaptions } from './closed-captions.ts'
import { webVttSegment } from './webvtt.ts'

/** Pictures of one segment are few; what claims more is not kept. */
const MAX_PICTURES = 10_000

/** Makes WebVTT of the captions inside a stream's pictures, segment by segment. */
export class CaptionTrack {
  #decoder = new Cea608()
  #pictures: { readonly pts: number; readonly pairs: readonly CaptionPair[] }[] = []
  #seen = false

  /** Looks at a frame; those of a segment may come in any order. */
  push({ kind, codec, data, pts }: CodedFrame): void {
    if (kind !== 'video' || (codec !== 'h264' && codec !== 'hevc') || this.#pictures.length >= MAX_PICTURES) return
    const pairs = closedCaptions(data, codec)
    if (pairs) this.#seen = true
    this.#pictures.push({ pts, pairs: pairs ?? [] })
  }

  /** The segment's captions; undefined while no picture of the stream has carried any. */
  finish(segment: {
    readonly startTicks: number
    /** Added to the times of its frames. */
    readonly offsetTicks?: number
    readonly discontinuity: boolean
  }): string | undefined {
    const pictures = this.#pictures.sort((a, b) => a.pts - b.pts)
    this.#pictures = []
    if (!this.#seen) return undefined
    if (segment.discontinuity) this.#decoder = new Cea608()
    const { startTicks, offsetTicks = 0 } = segment
    for (const { pts, pairs } of pictures)
      for (const { field, bytes } of pairs) if (field === 1) this.#decoder.push(pts + offsetTicks, bytes)
    return webVttSegment(this.#decoder.cut(endOf(pictures, startTicks - offsetTicks) + offsetTicks), startTicks)
  }
}

/** The last picture is shown as long as the others are on average. */
function endOf(pictures: readonly { readonly pts: number }[], start: number): number {
  const [first, last] = [pictures[0]?.pts, pictures.at(-1)?.pts]
  if (first === undefined || last === undefined) return start
  return last + (pictures.length > 1 ? Math.round((last - first) / (pictures.length - 1)) : 0)
}
