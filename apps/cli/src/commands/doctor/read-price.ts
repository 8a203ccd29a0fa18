import { MillraceError, type Rational } from '@millrace/base'
import { type ChainClient, getPriceFeed, type PriceFeed, weiPer } from '@millrace/chain'
import { inWei, type NamedPrice } from '@millrace/node'
import type { ChainConfig } from './subject.ts'

/** The price feed of a network, and what a unit of the currency costs by it in wei. Throws `no_price_feed`, and as `getPriceFeed` and `weiPer` do. */
export async function readFeed(
  client: ChainClient,
  network: ChainConfig,
  currency: string,
): Promise<PriceFeed & { readonly weiPerUnit: Rational }> {
  if (network.priceFeed === undefined)
    throw new MillraceError(
      'no_price_feed',
      `a price in ${currency} needs -priceFeedAddr, the Chainlink contract for ETH / ${currency} on this chain`,
    )
  const feed = await getPriceFeed(client, network.priceFeed)
  return { ...feed, weiPerUnit: weiPer(currency, feed) }
}

/** Wei per pixel of a price, which the price feed converts where it is named in another currency. */
export async function weiPerPixel(client: ChainClient, network: ChainConfig, price: NamedPrice): Promise<Rational> {
  const { pricePerPixel, currency } = price
  return currency === undefined ? pricePerPixel : inWei(price, (await readFeed(client, network, currency)).weiPerUnit)
}
