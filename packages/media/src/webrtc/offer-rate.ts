import { MillraceError } from '@millrace/base'

const WINDOW_MS = 60_000
const MAX_ADDRESSES = 10_000

/** Counts the offers of each address, since answering one costs more than making one. */
export class OfferRate {
  readonly #perMinute: number
  readonly #offers = new Map<string, { begunMs: number; count: number }>()

  constructor(options: { readonly perMinute: number }) {
    this.#perMinute = options.perMinute
  }

  /** Throws `too_many_offers`. */
  take(address: string, nowMs = Date.now()): void {
    const known = this.#offers.get(address)
    if (!known || nowMs - known.begunMs >= WINDOW_MS) {
      this.#offers.delete(address)
      const oldest = this.#offers.keys().next().value
      if (this.#offers.size >= MAX_ADDRESSES && oldest !== undefined) this.#offers.delete(oldest)
      this.#offers.set(address, { begunMs: nowMs, count: 1 })
      return
    }
    if (known.count >= this.#perMinute)
      throw new MillraceError('too_many_offers', `more than ${this.#perMinute} offers in a minute: try again later`, {
        retryable: true,
        meta: { retryAfterS: Math.ceil((known.begunMs + WINDOW_MS - nowMs) / 1_000) },
      })
    known.count++
  }
}
