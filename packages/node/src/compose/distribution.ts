import { type Part, type Rational, rational, systemClock } from '@millrace/base'
import type { GatewayConfig } from '../config/node-config.ts'
import { Distribution } from '../gateway/distribution/distribution.ts'
import { EdgeChooser } from '../gateway/distribution/edge-choice.ts'
import type { OrchestratorBook } from '../gateway/orchestrator-book.ts'
import { SecureClient } from '../links/http/secure-fetch.ts'
import { mayBePrivate, payerOf } from './buying.ts'
import { inWei } from './price-feed.ts'
import type { Shared } from './shared.ts'

const EDGES = 2
const MAX_BYTES_PER_MINUTE = 10e9
const MAX_BYTES_PER_STREAM = 10e12

/** What has a gateway's viewers served by orchestrators; undefined where it serves them itself. */
export function composeDistribution(
  gateway: GatewayConfig,
  shared: Shared,
  parts: Part[],
  deps: { readonly book: OrchestratorBook; readonly origin: () => string },
): Distribution | undefined {
  const { distribution: config } = gateway
  if (!config) return undefined
  const { tell, log, rates } = shared
  const { maxPricePerByte, maxPriceCurrency: currency } = config
  // Before the price feed has answered nothing is bought.
  let most: Rational | undefined = currency === undefined ? maxPricePerByte : rational(0n)
  if (currency !== undefined && maxPricePerByte) {
    rates.use(currency)
    rates.onRate((weiPerUnit) => {
      most = inWei({ pricePerPixel: maxPricePerByte }, weiPerUnit)
    })
  }
  const http = new SecureClient()
  const allowPrivate = mayBePrivate(gateway, shared)
  const chooser = new EdgeChooser(
    { weights: gateway.weights, maxPricePerByte: () => most, secureOnly: gateway.tls !== undefined, allowPrivate },
    { book: deps.book, clock: systemClock, log, random: Math.random },
  )
  const distribution = new Distribution(
    {
      edges: config.edges ?? EDGES,
      maxBytesPerMinute: config.maxBytesPerMinute ?? MAX_BYTES_PER_MINUTE,
      maxBytesPerStream: config.maxBytesPerStream ?? MAX_BYTES_PER_STREAM,
      allowPrivate,
      origin: () => config.origin ?? deps.origin(),
    },
    { payer: payerOf(shared), http, clock: systemClock, tell, log, chooser },
  )
  parts.push({ name: 'edge-connections', stop: async () => http.close() }, distribution)
  return distribution
}
