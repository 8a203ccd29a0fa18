import { liveUnits } from '@millrace/ai'
import { type Clock, compareRational, type Rational, rational } from '@millrace/base'
import { type Balances, feeOf } from '@millrace/payments'
import type { Address, SessionId } from '@millrace/wire'

/** A channel without new bytes for so long stands still. A group of pictures of upstream's runners is two seconds long. */
const OUTPUT_GAP_MS = 3_000
/** Publishers by RTMP may have ten seconds between key frames. */
const INPUT_GAP_MS = 12_000
/** A process that was stopped for longer cannot know what was delivered meanwhile. */
const LONGEST_SAMPLE_MS = 5_000

/** How far a channel has got: any change means that bytes came. */
export type Progress = { readonly nextWrite: number; readonly bytes: number }

export type LiveMeterOptions = {
  readonly sender: Address
  readonly account: SessionId
  /** Wei a unit. */
  readonly price: Rational
  /** How often is debited. */
  readonly intervalMs: number
}

export type Charge = { readonly units: bigint; readonly fee: Rational; readonly balance: Rational }

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
      readonly input: () => Progress
      readonly output: () => Progress
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

  /** Whether it is time to charge. */
  get isDue(): boolean {
    return this.#clock.elapsed() - this.#chargedAt >= this.#options.intervalMs
  }

  /** Debits what is owed; undefined when the balance does not cover it, and then nothing is debited. */
  charge(): Charge | undefined {
    const { sender, account, price } = this.#options
    this.#chargedAt = this.#clock.elapsed()
    const units = liveUnits(this.#owedMs)
    const fee = feeOf(units, price)
    const balance = this.#balances.balance(sender, account) ?? rational(0n)
    if (compareRational(balance, fee) < 0) return undefined
    this.#owedMs = 0
    if (price.num === 0n) return { units, fee, balance }
    return { units, fee, balance: this.#balances.debit(sender, account, fee).after }
  }
}

/** When a channel last had new bytes. */
class Activity {
  readonly #progress: () => Progress
  #last: Progress
  changedAt: number | undefined

  constructor(progress: () => Progress) {
    this.#progress = progress
    this.#last = progress()
  }

  within(ms: number, now: number): boolean {
    const progress = this.#progress()
    if (progress.nextWrite !== this.#last.nextWrite || progress.bytes !== this.#last.bytes) this.changedAt = now
    this.#last = progress
    return this.changedAt !== undefined && now - this.changedAt <= ms
  }
}
