/** A second in ticks of 90 kHz. */
const SECOND = 90_000
/** What a clock may jump ahead without being another clock: an input that paused. */
const LARGEST_GAP = 10 * SECOND
/** From the last picture of one clock to the first of the next. */
const STEP = SECOND / 24

/** Where a time line stands; another process can go on from it. */
export type TimelineState = { readonly offset: number; readonly last: number }

/**
 * Puts the times of pictures on one line that only ever goes forward: a source that starts anew, or whose clock jumps, goes on where the
 * line stands. All times are in ticks of 90 kHz.
 */
export class Timeline {
  #offset: number
  #last: number | undefined
  /** What comes again after a restart is known and left out, up to the first picture that is new. */
  #repeating: boolean

  constructor(state?: TimelineState) {
    this.#offset = state?.offset ?? 0
    this.#last = state?.last
    this.#repeating = state !== undefined
  }

  get state(): TimelineState | undefined {
    return this.#last === undefined ? undefined : { offset: this.#offset, last: this.#last }
  }

  /** The time at which a picture is shown; undefined for one that was shown already. */
  picture(pts: number): number | undefined {
    const at = pts + this.#offset
    if (this.#last === undefined) {
      this.#last = at
      return at
    }
    const step = at - this.#last
    if (step > 0 && step <= LARGEST_GAP) {
      this.#last = at
      this.#repeating = false
      return at
    }
    if (this.#repeating && step <= 0 && step > -LARGEST_GAP) return undefined
    this.#repeating = false
    this.#last += STEP
    this.#offset = this.#last - pts
    return this.#last
  }

  /** The time of sound beside the pictures; undefined where no picture has told yet which clock it is on. */
  sound(pts: number): number | undefined {
    const at = pts + this.#offset
    return this.#last !== undefined && Math.abs(at - this.#last) <= LARGEST_GAP && !this.#repeating ? at : undefined
  }
}
