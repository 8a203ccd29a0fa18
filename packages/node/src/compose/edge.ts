import { type Part, rational } from '@millrace/base'
import type { OrchestratorConfig } from '../config/node-config.ts'
import { ViewerDoor } from '../links/http/viewer-door.ts'
import { Edge, type EdgeDeps } from '../orchestrator/edge.ts'
import { EdgeCache } from '../orchestrator/edge-cache.ts'
import { inWei, UNKNOWN_PRICE } from './price-feed.ts'
import type { Shared } from './shared.ts'

const CACHE_BYTES = 512 << 20

/** An orchestrator's other trade: serving viewers. Undefined for one that does not. */
export function composeEdge(
  { distribution: config }: Pick<OrchestratorConfig, 'distribution'>,
  { hashing, tell, log, rates }: Pick<Shared, 'hashing' | 'tell' | 'log' | 'rates'>,
  parts: Part[],
  selling: Pick<EdgeDeps, 'signer' | 'verifier' | 'tokens' | 'recipient' | 'balances' | 'terms'> & {
    readonly allowPrivate: boolean
  },
): Edge | undefined {
  if (!config) return undefined
  const { listen, tls, currency, cacheBytes = CACHE_BYTES } = config
  let price = currency === undefined ? config.pricePerByte : UNKNOWN_PRICE
  if (currency !== undefined) {
    rates.use(currency)
    rates.onRate((weiPerUnit) => {
      price = inWei({ pricePerPixel: config.pricePerByte }, weiPerUnit)
    })
  }
  const { allowPrivate, ...deps } = selling
  const edge = new Edge(
    {
      viewerUrl: () => config.viewerUrl ?? `${tls ? 'https' : 'http'}://${hostOf(listen.host)}:${door.port}`,
      pricePerByte: () => rational(price.num, price.den),
    },
    { ...deps, cache: new EdgeCache({ maxBytes: cacheBytes, allowPrivate }), hashing, tell, log },
  )
  const door: ViewerDoor = new ViewerDoor({ ...listen, tls }, { edge, log })
  parts.push(edge, door)
  return edge
}

const hostOf = (host: string): string => (host.includes(':') ? `[${host}]` : host)
