const SECOND = 90_000
/** Weight of the newest picture in the mean of what one costs. */
const NEWEST = 0.2
/** Room for what else the process does. */
const MARGIN = 1.15

/**
 * Chooses which pictures are worked on: as many a second as are wanted at most, evenly spread, and fewer where one costs so much that a
 * queue would grow. Times are in ticks of 90 kHz.
 */
export class FrameGate {
  readonly #shortest: number
  #costMs = 0
  #next = Number.NEGATIVE_INFINITY

  constructor(maxFps: number) {
    this.#shortest = SECOND / maxFps
  }

  /** Mean milliseconds that a picture costs. */
  get costMs(): number {
    return this.#costMs
  }

  takes(pts: number): boolean {
    const interval = Math.max(this.#shortest, this.#costMs * 90 * MARGIN)
    // Half a tick of rounding must not cost a picture.
    if (pts < this.#next - this.#shortest * 0.05) return false
    this.#next = Math.max(this.#next + interval, pts)
    return true
  }

  cost(ms: number): void {
    this.#costMs += (ms - this.#costMs) * NEWEST
  }
}
