/** Pictures that are remembered until they come back: twenty seconds of them. */
const MAX_UNDER_WAY = 600
const SAMPLES = 60

/** How long pictures take from going in to coming out, found by their presentation times. */
export class LatencyMeter {
  readonly #sent: { readonly pts: number; readonly atMs: number }[] = []
  readonly #tookMs: number[] = []

  sent(pts: number, nowMs: number): void {
    this.#sent.push({ pts, atMs: nowMs })
    if (this.#sent.length > MAX_UNDER_WAY) this.#sent.shift()
  }

  /** A picture came out; one whose time was never sent, such as a repeated one, says nothing. */
  came(pts: number, nowMs: number): void {
    const at = this.#sent.findIndex((sent) => sent.pts === pts)
    if (at < 0) return
    const [found] = this.#sent.splice(0, at + 1).slice(-1)
    this.#tookMs.push(nowMs - found!.atMs)
    if (this.#tookMs.length > SAMPLES) this.#tookMs.shift()
  }

  /** The median of the latest pictures, in milliseconds; undefined before the first. */
  get medianMs(): number | undefined {
    const sorted = [...this.#tookMs].sort((a, b) => a - b)
    const middle = sorted[sorted.length >> 1]
    return middle === undefined ? undefined : Math.round(middle)
  }
}
