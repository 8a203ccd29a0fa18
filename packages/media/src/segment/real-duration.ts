import { ticksToMs } from '@millrace/base'
import type { CodedFrame } from './segment.ts'

/** Frames that are further apart than this are on two sides of a jump of the clock. */
const LONGEST_GAP_MS = 10_000
/** Segments are five minutes long at most (wire spec 6.2). */
const LONGEST_MS = 300_000

/**
 * How long a segment is for which somebody declared so many milliseconds: what was declared, unless the time stamps of its frames say
 * something quite different, more than a fifth and a tenth of a second. One frame says nothing.
 */
export function realDurationMs(frames: readonly CodedFrame[], declaredMs: number): number {
  const video = frames.filter(({ kind }) => kind === 'video')
  const measuredMs = spanMs(video.length > 1 ? video : frames.filter(({ kind }) => kind === 'audio'))
  if (measuredMs === undefined || measuredMs > LONGEST_MS) return declaredMs
  const differenceMs = Math.abs(measuredMs - declaredMs)
  return differenceMs > Math.max(100, declaredMs / 5) ? Math.round(measuredMs) : declaredMs
}

/** From the first frame to the end of the last, which lasts as long as most do; jumps of the clock count as one frame. */
function spanMs(frames: readonly CodedFrame[]): number | undefined {
  if (frames.length < 2) return undefined
  const times = frames.map(({ pts }) => pts).sort((a, b) => a - b)
  const steps = times.slice(1).map((pts, i) => ticksToMs(pts - times[i]!))
  const usual = steps.toSorted((a, b) => a - b)[steps.length >> 1]!
  return steps.reduce((sum, step) => sum + (step > LONGEST_GAP_MS ? usual : step), usual)
}
