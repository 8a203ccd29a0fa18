import { liveUnits } from '@millrace/ai'
import { type Clock, compareRational, floorRational, multiplyRational, type Rational, rational } from '@millrace/base'
import { type Balances, feeOf } from '@millrace/payments'
import type { Address, SessionId } from '@millrace/wire'

/** A channel without new bytes for so long stands still. A group of pictures of upstream's runners is two seconds long. */
const OUTPUT_GAP_MS = 3_000
/** Publishers by RTMP may have ten seconds between key frames. */
const INPUT_GAP_MS = 12_000
/** A process that was stopped for longer cannot know what was delivered meanwhile. */
const LONGEST_SAMPLE_MS = 5_000

export type LiveMeterOptions = {
  readonly sender: Address
  readonly account: SessionId
  /** Wei a unit. */
  readonly price: Rational
  /** How often is debited. */
  readonly intervalMs: number
}

/** What was debited; `isCovered` is false where the balance was less than what was delivered. */
export type Charge = {
  readonly units: bigint
  readonly fee: Rational
  readonly balance: Rational
  readonly isCovered: boolean
}

/**
 * What a stream costs: the time in which pictures went in and came out, at a fixed number of units a second (ai spec, section 8.6).
 * Time in which nothing came out is not charged: nobody pays for a runner that loads, hangs or failed.
 */
export class LiveMeter {
  readonly #options: LiveMeterOptions
  readonly #balances: Balances
  readonly #clock: Pick<Clock, 'elapsed'>
  readonly #input: Activity
  readonly #output: Activity
  #sampledAt: number
  #chargedAt: number
  /** Delivered and not charged yet. */
  #owedMs = 0

  constructor(
    options: LiveMeterOptions,
    deps: {
      readonly balances: Balances
      readonly clock: Pick<Clock, 'elapsed'>
      /** Bytes that ever went in, and came out. */
      readonly input: () => number
      readonly output: () => number
    },
  ) {
    this.#options = options
    this.#balances = deps.balances
    this.#clock = deps.clock
    this.#input = new Activity(deps.input)
    this.#output = new Activity(deps.output)
    this.#sampledAt = this.#chargedAt = deps.clock.elapsed()
  }

  /** Looks at the channels; to be called several times in each interval. */
  sample(): void {
    const now = this.#clock.elapsed()
    const isIn = this.#input.within(INPUT_GAP_MS, now)
    const isOut = this.#output.within(OUTPUT_GAP_MS, now)
    if (isIn && isOut) this.#owedMs += Math.min(now - this.#sampledAt, LONGEST_SAMPLE_MS)
    this.#sampledAt = now
  }

  /** How long nothing has come in; `since` is when the stream began. */
  quietMs(since: number): number {
    return this.#clock.elapsed() - (this.#input.changedAt ?? since)
  }

  /** How long nothing has come out although something goes in; 0 while nothing does. */
  stuckMs(since: number): number {
    if (this.#input.changedAt === undefined || this.quietMs(since) > INPUT_GAP_MS) return 0
    return this.#clock.elapsed() - (this.#output.changedAt ?? since)
  }

  /** Whether it is time to charge: an interval has passed, or the balance does not cover what was delivered. */
  get isDue(): boolean {
    return this.#clock.elapsed() - this.#chargedAt >= this.#options.intervalMs || !this.#covers(this.#fee())
  }

  /** Debits what is owed, or all that there is where that is less. */
  charge(): Charge {
    const { sender, account, price } = this.#options
    this.#chargedAt = this.#clock.elapsed()
    const units = liveUnits(this.#owedMs)
    const owed = this.#fee()
    const isCovered = this.#covers(owed)
    const balance = this.#balance()
    this.#owedMs = 0
    if (price.num === 0n) return { units, fee: owed, balance, isCovered }
    const fee = isCovered ? owed : compareRational(balance, ZERO) > 0 ? balance : ZERO
    const { after } = this.#balances.debit(sender, account, fee)
    const paid = isCovered ? units : floorRational(multiplyRational(fee, rational(price.den, price.num)))
    return { units: paid, fee, balance: after, isCovered }
  }

  #fee(): Rational {
    return feeOf(liveUnits(this.#owedMs), this.#options.price)
  }

  #covers(fee: Rational): boolean {
    return fee.num === 0n || compareRational(this.#balance(), fee) >= 0
  }

  #balance(): Rational {
    return this.#balances.balance(this.#options.sender, this.#options.account) ?? ZERO
  }
}

const ZERO = rational(0n)

/** When a channel last had new bytes. */
class Activity {
  readonly #written: () => number
  #last: number
  changedAt: number | undefined

  constructor(written: () => number) {
    this.#written = written
    this.#last = written()
  }

  within(ms: number, now: number): boolean {
    const written = this.#written()
    if (written !== this.#last) this.changedAt = now
    this.#last = written
    return this.changedAt !== undefined && now - this.changedAt <= ms
  }
}
