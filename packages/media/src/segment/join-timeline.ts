import { TICKS_PER_MS } from '@millrace/base'
import type { CodedFrame } from './segment.ts'

/** A step of the clock of this size between two segments is a new time line, told or not. */
const JUMP_TICKS = 5_000 * TICKS_PER_MS

/** Puts segments on one time line: where it broke, the next segment follows the one before. */
export class JoinedTimeline {
  #offset = 0
  #expected: number | undefined

  /** The frames of the next segment, sorted by decoding time, with their new times. */
  next(
    unsorted: readonly CodedFrame[],
    { durationMs, discontinuity }: { readonly durationMs: number; readonly discontinuity: boolean },
  ): readonly CodedFrame[] {
    const frames = [...unsorted].sort((a, b) => a.dts - b.dts)
    const first = frames[0]
    if (!first) return []
    const expected = this.#expected
    if (expected !== undefined && (discontinuity || Math.abs(first.dts + this.#offset - expected) > JUMP_TICKS))
      this.#offset = expected - first.dts
    const offset = this.#offset
    this.#expected = first.dts + offset + durationMs * TICKS_PER_MS
    return offset === 0
      ? frames
      : frames.map((frame) => ({ ...frame, pts: frame.pts + offset, dts: frame.dts + offset }))
  }
}
