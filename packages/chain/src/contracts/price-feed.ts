import { multiplyRational, type Rational, rational } from '@millrace/base'
import type { Address } from '@millrace/wire'
import { parseAbi } from 'viem'
import type { ChainClient } from '../client.ts'
import { ChainError } from '../errors.ts'
import { type At, read } from './read.ts'

const abi = parseAbi([
  'function decimals() view returns (uint8)',
  'function description() view returns (string)',
  'function latestRoundData() view returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)',
])

/** The latest answer of a Chainlink price feed: one `base` costs `price` of `quote`. */
export type PriceFeed = {
  readonly base: string
  readonly quote: string
  readonly price: Rational
  readonly updatedAtMs: number
}

const ETHER = rational(10n ** 18n)

/** Reads a Chainlink price feed; throws `bad_price_feed` when the contract is none, or has no answer above 0. */
export async function getPriceFeed(client: ChainClient, address: Address, at: At = {}): Promise<PriceFeed> {
  const call = { address, abi, args: [] } as const
  const [decimals, description, [, answer, , updatedAt]] = await Promise.all([
    read(client, { ...call, functionName: 'decimals' }, at),
    read(client, { ...call, functionName: 'description' }, at),
    read(client, { ...call, functionName: 'latestRoundData' }, at),
  ]).catch((cause) => {
    throw isUnreachable(cause) ? cause : badFeed(address, 'the contract there is no price feed', cause)
  })
  const [base, quote, ...rest] = description.split('/').map((name) => name.trim().toUpperCase())
  if (!base || !quote || rest.length > 0) throw badFeed(address, `its description, "${description}", names no pair`)
  if (answer <= 0n || updatedAt === 0n) throw badFeed(address, `it has no answer above 0, but ${answer}`)
  if (decimals > 77) throw badFeed(address, `its answers have ${decimals} decimals`)
  return { base, quote, price: rational(answer, 10n ** BigInt(decimals)), updatedAtMs: Number(updatedAt) * 1000 }
}

/** Wei that one unit of the currency costs by this feed; throws `bad_price_feed` when it does not pair it with ETH. */
export function weiPer(currency: string, feed: PriceFeed): Rational {
  const { base, quote, price } = feed
  const name = currency.toUpperCase()
  if (base === 'ETH' && quote === name) return multiplyRational(ETHER, rational(price.den, price.num))
  if (base === name && quote === 'ETH') return multiplyRational(ETHER, price)
  throw new ChainError(
    'bad_price_feed',
    `the price feed is for ${base} / ${quote}, a price in ${name} needs one for ETH / ${name}: name it with --price-feed-addr`,
  )
}

const isUnreachable = (error: unknown): boolean =>
  error instanceof ChainError && (error.code === 'rpc_unreachable' || error.code === 'rpc_rate_limited')

const badFeed = (address: Address, why: string, cause?: unknown): ChainError =>
  new ChainError('bad_price_feed', `the price feed ${address} is of no use: ${why}; check --price-feed-addr`, { cause })
