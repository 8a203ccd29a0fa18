import type { CodedFrame } from '../segment/segment.ts'
import { muxTs, type TsCounters } from '../ts/muxer.ts'
import { readMp4Frames } from './mp4-reader.ts'
import { encodeMp4 } from './mp4-writer.ts'

/** Joins pictures in CMAF with sound into a segment of either container; `counters` go on from segment to segment of a rendition. */
export function withSound(
  pictures: Uint8Array,
  sound: readonly CodedFrame[],
  options: { readonly container: 'mpegts' | 'mp4'; readonly counters: TsCounters },
): Uint8Array {
  const frames = [...readMp4Frames(pictures), ...sound].sort((a, b) => a.dts - b.dts)
  return options.container === 'mp4' ? encodeMp4(frames) : muxTs(frames, options.counters)
}
