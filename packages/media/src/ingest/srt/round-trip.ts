const START_US = 100_000
const MAX_ASKED = 64

/** The time to the peer and back, measured from acknowledgements to their answers (draft-sharabayko-srt-01 section 4.10). */
export class RoundTrip {
  readonly #asked = new Map<number, number>()
  #us = START_US
  #varianceUs = START_US / 2

  get us(): number {
    return Math.round(this.#us)
  }

  get ms(): number {
    return Math.round(this.#us / 1_000)
  }

  get varianceUs(): number {
    return Math.round(this.#varianceUs)
  }

  /** How long to wait before a missing packet is asked for again. */
  get askAgainMs(): number {
    return Math.max(20, (this.#us + 4 * this.#varianceUs) / 2_000)
  }

  asked(number: number, nowMs: number): void {
    const oldest = this.#asked.keys().next().value
    if (this.#asked.size >= MAX_ASKED && oldest !== undefined) this.#asked.delete(oldest)
    this.#asked.set(number, nowMs)
  }

  answered(number: number, nowMs: number): void {
    const at = this.#asked.get(number)
    if (at === undefined) return
    this.#asked.delete(number)
    const us = (nowMs - at) * 1_000
    this.#varianceUs = (this.#varianceUs * 3 + Math.abs(us - this.#us)) / 4
    this.#us = (this.#us * 7 + us) / 8
  }
}
