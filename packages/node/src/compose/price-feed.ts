import { MillraceError, multiplyRational, type Part, type Rational, rational } from '@millrace/base'
import { PriceFeedWatcher } from '@millrace/chain'
import type { Shared } from './shared.ts'

/** A price for a pixel as the configuration names it. */
export type NamedPrice = { readonly pricePerPixel: Rational; readonly currency?: string | undefined }

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
 * Follows the price feed for prices in another currency than wei, and tells what a unit of it costs.
 * Throws `no_price_feed` without a chain or a feed, `bad_config` for prices in several currencies: a feed knows one.
 */
export function composePriceFeed(
  prices: readonly NamedPrice[],
  shared: Shared,
  parts: Part[],
  onPrice: (weiPerUnit: Rational) => void,
): void {
  const [currency, ...others] = new Set(prices.flatMap((price) => price.currency ?? []))
  if (currency === undefined) return
  if (others.length > 0)
    throw new MillraceError('bad_config', `prices are named in ${currency} and ${others.join(', ')}: use one of them`)
  const { chain, log, config } = shared
  const feed = config.network.kind === 'chain' ? config.network.priceFeed : undefined
  if (!chain || !feed)
    throw new MillraceError(
      'no_price_feed',
      `a price in ${currency} needs a chain and -priceFeedAddr, the Chainlink contract for ETH / ${currency} on it`,
    )
  const watcher = new PriceFeedWatcher({ feed, currency }, { client: chain.client, log })
  watcher.onPrice(onPrice)
  parts.push(watcher)
}
