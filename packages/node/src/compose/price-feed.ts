import { MillraceError, multiplyRational, type Part, type Rational, rational } from '@millrace/base'
import type { PriceFeedWatcher } from '@millrace/chain'
import type { NamedPrice } from '../api/context.ts'
import type { Shared } from './shared.ts'

/** Digits behind the point that a converted price keeps; both of its numbers must fit 64 bits on the wire. */
const SCALE = 10n ** 9n
const MOST = ((1n << 63n) - 1n) / SCALE

/**
 * Until the feed has answered nothing may be sold for too little, and nothing bought for too much.
 * The parts of a node start in order, so nobody is told these.
 */
export const UNKNOWN_PRICE: Rational = rational(MOST)

/** Wei per pixel of a price in a currency of which a unit costs `weiPerUnit`. */
export function inWei({ pricePerPixel }: NamedPrice, weiPerUnit: Rational): Rational {
  const { num, den } = multiplyRational(pricePerPixel, weiPerUnit)
  const scaled = (num * SCALE) / den
  return rational(scaled < MOST * SCALE ? scaled : MOST * SCALE, SCALE)
}

/**
 * What a unit of the node's currency costs in wei. A feed knows one currency, so all prices of a node are in wei or in that one.
 * The feed is followed from the moment that somebody names a price in it: at the start, or later by the operator's port.
 */
export class CurrencyRates implements Part {
  readonly name = 'currency-rates'
  readonly #deps: Pick<Shared, 'chain' | 'config' | 'log'>
  readonly #listeners: ((weiPerUnit: Rational) => void)[] = []
  #currency: string | undefined
  #watcher: PriceFeedWatcher | undefined
  #following: Promise<void> | undefined

  constructor(deps: Pick<Shared, 'chain' | 'config' | 'log'>) {
    this.#deps = deps
  }

  /** Adds a listener for every answer of the feed. */
  onRate(listener: (weiPerUnit: Rational) => void): void {
    this.#listeners.push(listener)
  }

  /** Takes note of the currency of a price; throws `no_price_feed`, or `bad_config` for a second currency. */
  use(currency: string | undefined): void {
    if (currency === undefined || currency === this.#currency) return
    if (this.#currency !== undefined)
      throw new MillraceError(
        'bad_config',
        `prices are named in ${this.#currency} and ${currency}: a price feed knows one of them`,
      )
    const { chain, config } = this.#deps
    const feed = config.network.kind === 'chain' ? config.network.priceFeed : undefined
    if (!chain || !feed)
      throw new MillraceError(
        'no_price_feed',
        `a price in ${currency} needs a chain and -priceFeedAddr, the Chainlink contract for ETH / ${currency} on it`,
      )
    this.#watcher = chain.watchPrice({ feed, currency })
    this.#watcher.onPrice((weiPerUnit) => {
      for (const listener of this.#listeners) listener(weiPerUnit)
    })
    this.#currency = currency
  }

  /** What a price is worth in wei per pixel now; throws what `use` throws, and what the feed does for a currency that is not its own. */
  async toWei(price: NamedPrice): Promise<Rational> {
    if (price.currency === undefined) return price.pricePerPixel
    this.use(price.currency)
    await this.#follow()
    const { weiPerUnit } = this.#watcher ?? {}
    if (!weiPerUnit)
      throw new MillraceError('no_price_feed', 'the price feed has told no price yet', { retryable: true })
    return inWei(price, weiPerUnit)
  }

  async start(): Promise<void> {
    if (this.#watcher) await this.#follow()
  }

  async stop(): Promise<void> {
    await this.#watcher?.stop()
  }

  #follow(): Promise<void> {
    const watcher = this.#watcher
    this.#following ??= watcher?.start().catch((error) => {
      // A currency that the feed does not know must not stand in the way of one that it does.
      this.#watcher = undefined
      this.#currency = undefined
      this.#following = undefined
      throw error
    })
    return this.#following ?? Promise.resolve()
  }
}
