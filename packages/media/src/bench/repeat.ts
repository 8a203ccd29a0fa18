import { readMp4Frames } from '../remux/mp4-reader.ts'
import { demuxTs } from '../ts/demuxer.ts'
import { muxTs } from '../ts/muxer.ts'
import type { BenchSegment } from './clip.ts'

const TICKS_PER_MS = 90

/**
 * A segment again and again as a stream that goes on: `at(n)` is a transport stream that begins n lengths later.
 * An engine drops pictures that are not newer than those before them, so the same bytes twice would cost nothing.
 */
export async function repeated(segment: BenchSegment): Promise<{ at(n: number): Uint8Array }> {
  const data = await segment.read()
  const frames = segment.container === 'mpegts' ? demuxTs(data).frames : readMp4Frames(data)
  const made = new Map<number, Uint8Array>()
  return {
    at: (n) => {
      const known = made.get(n)
      if (known) return known
      const later = Math.round(n * segment.durationMs * TICKS_PER_MS)
      const shifted = muxTs(frames.map((frame) => ({ ...frame, pts: frame.pts + later, dts: frame.dts + later })))
      made.set(n, shifted)
      return shifted
    },
  }
}
