const WRAP = 2 ** 32

/** Makes the 32 bit time stamps of RTP a number that does not wrap; they may step backwards a little. */
export class Unwrap32 {
  #last: number | undefined

  next(timestamp: number): number {
    const value = this.peek(timestamp)
    this.#last = Math.max(this.#last ?? value, value)
    return value
  }

  /** A time stamp of the same clock, without going on to it. */
  peek(timestamp: number): number {
    return this.#last === undefined ? timestamp : timestamp + Math.round((this.#last - timestamp) / WRAP) * WRAP
  }
}
