import { type Clock, compareRational, type Rational, rational } from '@millrace/base'
import { SignerError } from '../links/signer-link.ts'

const HOUR_MS = 3_600_000

/**
 * How much expected value a signer signs away in an hour, whoever asks. It fills again with time, and is full after a start:
 * a bound on what a thief of a gateway can spend, not an account book.
 */
export class SpendingLimit {
  readonly #perHourWei: bigint
  readonly #clock: Pick<Clock, 'elapsed'>
  #left: Rational
  #at: number

  constructor(options: { readonly perHourWei: bigint }, deps: { readonly clock: Pick<Clock, 'elapsed'> }) {
    this.#perHourWei = options.perHourWei
    this.#clock = deps.clock
    this.#left = rational(options.perHourWei)
    this.#at = this.#clock.elapsed()
  }

  /** Throws `spending_limit`, and takes nothing, where the amount is more than what is left. */
  take(amount: Rational): void {
    const now = this.#clock.elapsed()
    const gained = rational(this.#perHourWei * BigInt(Math.max(0, Math.floor(now - this.#at))), BigInt(HOUR_MS))
    const full = rational(this.#perHourWei)
    const filled = rational(this.#left.num * gained.den + gained.num * this.#left.den, this.#left.den * gained.den)
    this.#left = compareRational(filled, full) > 0 ? full : filled
    this.#at = now
    if (compareRational(amount, this.#left) > 0)
      throw new SignerError('spending_limit', 429, 'the signer has signed as much as it may in an hour', {
        retryable: true,
      })
    this.#left = rational(this.#left.num * amount.den - amount.num * this.#left.den, this.#left.den * amount.den)
  }
}
