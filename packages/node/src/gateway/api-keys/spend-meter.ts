import type { Reservation, SpendAccount } from './spend-account.ts'

/** Counts what goes on and on against the day's money of a key: so much is always kept for what comes next. */
export class SpendMeter {
  readonly #account: Pick<SpendAccount, 'reserve'> | undefined
  readonly #aheadWei: bigint
  #kept: Reservation | undefined
  #counted = 0n

  /** Throws `ai_spend_limit`. Without an account nothing is counted. */
  constructor(account: Pick<SpendAccount, 'reserve'> | undefined, aheadWei: bigint) {
    this.#account = account
    this.#aheadWei = aheadWei
    this.#kept = account?.reserve(aheadWei)
  }

  /** It has cost so much in all by now, and goes on; throws `ai_spend_limit` where it may not. */
  goOn(totalWei: bigint): void {
    this.end(totalWei)
    this.#kept = this.#account?.reserve(this.#aheadWei)
  }

  /** It has cost so much in all. */
  end(totalWei: bigint): void {
    const more = totalWei - this.#counted
    this.#kept?.settle(more > 0n ? more : 0n)
    this.#kept = undefined
    if (more > 0n) this.#counted = totalWei
  }
}
