/** Lets through so many requests a minute, of which those of ten seconds may come at once. */
export class RateLimit {
  readonly #perMs: number
  readonly #most: number
  #tokens: number
  #atMs: number | undefined

  constructor(perMinute: number | undefined) {
    this.#perMs = (perMinute ?? Number.POSITIVE_INFINITY) / 60_000
    this.#most = perMinute === undefined ? Number.POSITIVE_INFINITY : Math.max(1, perMinute / 6)
    this.#tokens = this.#most
  }

  /** 0 lets the request through; otherwise how many milliseconds it must wait. */
  take(nowMs: number): number {
    if (this.#most === Number.POSITIVE_INFINITY) return 0
    this.#tokens = Math.min(this.#most, this.#tokens + (nowMs - (this.#atMs ?? nowMs)) * this.#perMs)
    this.#atMs = nowMs
    if (this.#tokens < 1) return (1 - this.#tokens) / this.#perMs
    this.#tokens--
    return 0
  }
}
