import { join } from 'node:path'
import { type Part, type Rational, systemClock } from '@millrace/base'
import { GatewayBalances } from '@millrace/payments'
import type { Capabilities } from '@millrace/wire'
import type { GatewayConfig } from '../config/node-config.ts'
import { AiBuyer } from '../gateway/ai/ai-buyer.ts'
import { AiDoor } from '../gateway/ai/ai-door.ts'
import { AiMarket } from '../gateway/ai/ai-market.ts'
import { ResultFiles } from '../gateway/ai/result-files.ts'
import type { ApiKeys } from '../gateway/api-keys/api-keys.ts'
import type { LiveAi } from '../gateway/live-ai/live-ai.ts'
import { OrchestratorBook } from '../gateway/orchestrator-book.ts'
import { SecureClient } from '../links/http/secure-fetch.ts'
import { blocklistOf, directoryOf, mayBePrivate, orchestratorRequest, payerOf } from './buying.ts'
import { composeLiveAi } from './live-ai-buying.ts'
import type { Shared } from './shared.ts'

const RETRY_TIMEOUT_MS = 2_000
const JOB_TIMEOUT_MS = 10 * 60_000
/** Each model that is asked for has connections of its own; strangers name models. */
const MAX_BOOKS = 50

/** The AI side of a gateway, at its HTTP port. */
export function composeAiBuying(
  config: GatewayConfig,
  shared: Shared,
  parts: Part[],
  deps: {
    readonly maxPrice: (job: Capabilities) => Rational | undefined
    readonly ownUrl: () => string
    readonly keys: ApiKeys | undefined
  },
): { readonly door: AiDoor; readonly live: LiveAi } {
  const { log, tell } = shared
  const { retryTimeoutMs = RETRY_TIMEOUT_MS, jobTimeoutMs = JOB_TIMEOUT_MS } = config.ai ?? {}
  const directory = directoryOf(config, shared)
  const clock = systemClock
  const open = (capabilities: Capabilities | undefined) =>
    new OrchestratorBook(
      { allowPrivate: mayBePrivate(config, shared) },
      { directory, clock, request: () => orchestratorRequest(capabilities, shared) },
    )
  const general = open(undefined)
  const books = new Map<string, OrchestratorBook>()
  const bookFor = (capabilities: Capabilities): OrchestratorBook => {
    const key = keyOf(capabilities)
    const book = books.get(key) ?? open(capabilities)
    // The one used last goes to the end, so that the oldest is closed first.
    books.delete(key)
    books.set(key, book)
    const [oldest] = books
    if (books.size > MAX_BOOKS && oldest) {
      books.delete(oldest[0])
      oldest[1].close()
    }
    return book
  }
  const minVersion = config.orchMinLivepeerVersion ?? ''
  const http = new SecureClient()
  const market = new AiMarket(
    { minVersion, blocklist: blocklistOf(config.orchBlocklist ?? []) },
    { book: general, clock, log },
  )
  const buyer = new AiBuyer(
    { weights: config.weights, retryTimeoutMs, jobTimeoutMs, minVersion },
    {
      ...{ market, bookFor, http, tell, clock, log },
      maxPrice: deps.maxPrice,
      payer: payerOf(shared),
      balances: new GatewayBalances(),
      random: Math.random,
    },
  )
  const files = new ResultFiles({ folder: join(shared.config.folder, 'ai-results') }, { log })
  parts.push(files, {
    name: 'ai-connections',
    stop: async () => {
      for (const book of [general, ...books.values()]) book.close()
      http.close()
    },
  })
  return {
    door: new AiDoor({ buyer, files, keys: deps.keys, ownUrl: deps.ownUrl, log }),
    live: composeLiveAi(config, shared, {
      ...{ market, bookFor, http, clock, log, maxPrice: deps.maxPrice, keys: deps.keys },
    }),
  }
}

const keyOf = ({ constraints }: Capabilities): string =>
  [...(constraints?.perCapability ?? [])]
    .map(([capability, { models }]) => `${capability} ${[...models.keys()].join(' ')}`)
    .join(',')
