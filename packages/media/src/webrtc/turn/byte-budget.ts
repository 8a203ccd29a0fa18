/** So many bytes a second, with at most a second's worth saved up. */
export class ByteBudget {
  readonly #perSecond: number
  #left: number
  #at: number

  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond
    this.#left = perSecond
    this.#at = nowMs
  }

  /** False when the budget does not reach; then nothing is taken from it. */
  take(bytes: number, nowMs: number): boolean {
    const earned = (Math.max(0, nowMs - this.#at) / 1_000) * this.#perSecond
    this.#left = Math.min(this.#perSecond, this.#left + earned)
    this.#at = nowMs
    if (bytes > this.#left) return false
    this.#left -= bytes
    return true
  }
}
