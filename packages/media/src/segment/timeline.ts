import type { CodedFrame } from './segment.ts'

/** A step of the source's clock larger than this is a break of the time line, not jitter. */
const MAX_FORWARD = 10 * 90_000
const MAX_BACKWARD = 90_000

/**
 * Puts the time stamps of a stream in order: decoding times strictly rise in each kind, presentation never lies before decoding
 * (LPMS clamps the same way), and a jump of the clock is reported as a break. Times that are in order are not touched.
 */
export class Timeline {
  #offset: number | undefined
  readonly #last = { video: Number.NaN, audio: Number.NaN }
  #newest = Number.NaN

  /** The frame with its time in order, and whether the time line broke before it. */
  place(frame: CodedFrame): { readonly frame: CodedFrame; readonly broke: boolean } {
    // Encoders may need decoding times before the first presentation time: a start near zero is moved one second up.
    this.#offset ??= frame.dts < 90_000 ? 90_000 : 0
    let dts = frame.dts + this.#offset
    let pts = frame.pts + this.#offset
    const step = dts - this.#newest
    const broke = step > MAX_FORWARD || step < -MAX_BACKWARD
    if (broke) {
      this.#last.video = Number.NaN
      this.#last.audio = Number.NaN
    }
    const last = this.#last[frame.kind]
    if (dts <= last) dts = last + 1
    if (pts < dts) pts = dts
    this.#last[frame.kind] = dts
    this.#newest = broke || Number.isNaN(this.#newest) ? dts : Math.max(this.#newest, dts)
    const same = dts === frame.dts && pts === frame.pts
    return { frame: same ? frame : { ...frame, dts, pts }, broke }
  }
}
