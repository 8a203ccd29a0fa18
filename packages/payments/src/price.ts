import { compareRational, floorRational, multiplyRational, type Rational, rational } from '@millrace/base'
import type { Address } from '@millrace/wire'
import { TicketError } from './errors.ts'
import type { Call } from './ports.ts'

const MAX_INT64 = (1n << 63n) - 1n

/** A price with 3 decimals as an integer, as the orchestrator directory keeps it; smaller digits are cut off. */
export const priceToFixed = (price: Rational): bigint =>
  min(floorRational(multiplyRational(price, rational(1000n))), MAX_INT64)

/** The price of an integer made by `priceToFixed`. */
export const priceFromFixed = (fixed: bigint): Rational => rational(fixed, 1000n)

/** An amount of tokens with 18 decimals as an integer with 5, capped at int64; smaller digits are cut off. */
export const tokenAmountToFixed = (amount: bigint): bigint => min(amount / 10n ** 13n, MAX_INT64)

/**
 * The price that also pays for redeeming: base × (1 + 1/m), cut to 3 decimals, where a winning ticket is worth m times its redemption.
 * Without m redeeming is free and the base price holds.
 */
export function autoAdjustPrice(base: Rational, txCostMultiplier: Rational | undefined): Rational {
  const overhead =
    txCostMultiplier && txCostMultiplier.num > 0n
      ? rational(txCostMultiplier.num + txCostMultiplier.den, txCostMultiplier.num)
      : rational(1n)
  return priceFromFixed(floorRational(multiplyRational(multiplyRational(base, overhead), rational(1000n))))
}

/** Throws when an orchestrator's price is missing or more than twice what the session began with. */
export function validatePrice(price: Rational | undefined, initial: Rational | undefined): void {
  if (!price) throw new TicketError('missing_price', 'missing orchestrator price')
  if (!initial) return
  if (compareRational(price, multiplyRational(initial, rational(2n))) > 0)
    throw new TicketError(
      'price_doubled',
      `Orchestrator price has more than doubled: ${price.num}/${price.den}, was ${initial.num}/${initial.den}`,
    )
}

export type PricePolicyOptions = {
  /** Wei per pixel. */
  readonly basePrice: Rational
  readonly autoAdjust: boolean
  /** Prices for certain gateways, by lower-case address (`-pricePerGateway`). */
  readonly perGateway?: ReadonlyMap<Address, Rational>
}

/** A TicketRecipient is one. */
export type PricePolicyDeps = { txCostMultiplier(sender: Address, call: Call): Promise<Rational | undefined> }

/** An orchestrator's price for a gateway. */
export class PricePolicy {
  #options: PricePolicyOptions
  readonly #deps: PricePolicyDeps

  constructor(options: PricePolicyOptions, deps: PricePolicyDeps) {
    this.#options = options
    this.#deps = deps
  }

  /** Changes the prices from now on; sessions with a fixed price keep theirs. */
  set(options: Partial<PricePolicyOptions>): void {
    this.#options = { ...this.#options, ...options }
  }

  /** Wei per pixel for the gateway; a price for it alone beats the base price. */
  async priceFor(gateway: Address, call: Call = {}): Promise<Rational> {
    const base = this.#options.perGateway?.get(gateway) ?? this.#options.basePrice
    if (!this.#options.autoAdjust || base.num === 0n) return base
    return autoAdjustPrice(base, await this.#deps.txCostMultiplier(gateway, call))
  }
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b)
