/** Tells when a picture that should move has stood still for too long: a player may wait for ever at a gap that it does not see. */
export class Standstill {
  readonly #limitMs: number
  #time = -1
  #sinceMs = 0

  constructor(limitMs: number) {
    this.#limitMs = limitMs
  }

  /** Takes where the picture is now, 0 before there is any; true once it has stood there for the limit, and then not again before another limit has passed. */
  stands(picture: { readonly currentTime: number; readonly paused: boolean }, nowMs: number): boolean {
    const { currentTime, paused } = picture
    if (paused || currentTime === 0 || currentTime !== this.#time) {
      this.#time = currentTime
      this.#sinceMs = nowMs
      return false
    }
    if (nowMs - this.#sinceMs < this.#limitMs) return false
    this.#sinceMs = nowMs
    return true
  }
}
