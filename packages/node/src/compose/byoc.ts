import { MillraceError, type Part, type Rational, systemClock } from '@millrace/base'
import type { Balances, TicketRecipient } from '@millrace/payments'
import { CAPABILITY, type PriceInfo } from '@millrace/wire'
import { signatureVerifier } from '@millrace/wire/node'
import type { GatewayConfig, OrchestratorConfig } from '../config/node-config.ts'
import type { ApiKeys } from '../gateway/api-keys/api-keys.ts'
import { ByocBuyer } from '../gateway/byoc/byoc-buyer.ts'
import { ByocDoor as GatewayByocDoor } from '../gateway/byoc/byoc-door.ts'
import { ByocStreamDoor } from '../gateway/byoc/byoc-stream-door.ts'
import { JobPayments } from '../gateway/byoc/job-payments.ts'
import { keyJobSigner, remoteJobSigner, unsignedJobs } from '../gateway/byoc/job-signer.ts'
import { TokenSearch } from '../gateway/byoc/token-search.ts'
import { type GatewayDoor, joinDoors } from '../gateway/join-doors.ts'
import { ByocDoor } from '../links/http/byoc-door.ts'
import { byocStreamDoor } from '../links/http/byoc-stream-door.ts'
import type { Door } from '../links/http/door.ts'
import { SecureClient } from '../links/http/secure-fetch.ts'
import type { TrickleMount } from '../links/http/trickle-mount.ts'
import { ByocSales } from '../orchestrator/byoc/byoc-sales.ts'
import { ByocStreams } from '../orchestrator/byoc/byoc-streams.ts'
import { CapabilityRegistry } from '../orchestrator/byoc/capability-registry.ts'
import { ComputeAccounts } from '../orchestrator/compute-accounts.ts'
import { blocklistOf, directoryOf, mayBePrivate, payerOf } from './buying.ts'
import type { Shared } from './shared.ts'

/** What an orchestrator's own parts lend to those that sell other compute. */
export type ComputeSelling = {
  readonly trickle: TrickleMount
  /** Undefined off chain. */
  readonly recipient: TicketRecipient | undefined
  readonly balances: Balances
  readonly serviceUri: () => string
}

/** Apps that workers register at an orchestrator: its doors, and their prices. */
export function composeByocSelling(
  config: OrchestratorConfig,
  shared: Shared,
  parts: Part[],
  selling: ComputeSelling,
): { readonly doors: readonly Door[]; readonly prices: () => readonly PriceInfo[] } {
  const { log, tell, rates } = shared
  const { recipient, balances, serviceUri, trickle } = selling
  const registry = new CapabilityRegistry({
    inWei: (pricePerPixel, currency) => rates.toWei({ pricePerPixel, currency }),
    isPaid: recipient !== undefined,
    log,
  })
  rates.onRate(() => {
    registry.reprice().catch((error) => log.warn('prices of capabilities could not be converted', { error }))
  })
  const service = new ByocSales(
    { secret: config.workerSecret, serviceUri },
    {
      ...{ registry, recipient, tell, log },
      accounts: new ComputeAccounts({ recipient, balances, tell }),
      verifier: signatureVerifier,
    },
  )
  const streams = new ByocStreams(
    { hostForApps: config.liveAi?.trickleHostForRunner },
    { trickle, clock: systemClock, log },
  )
  parts.push({ name: 'byoc-streams', stop: () => streams.close() })
  return {
    doors: [new ByocDoor({ service, log }).door, byocStreamDoor({ service, streams })],
    prices: () => registry.prices(),
  }
}

/** Where clients of a gateway call capabilities. */
export function composeByocBuying(
  config: GatewayConfig,
  shared: Shared,
  parts: Part[],
  deps: {
    readonly maxPrice: (capability: number, modelId: string) => Rational | undefined
    readonly ownUrl: () => string
    readonly keys: ApiKeys | undefined
  },
): GatewayDoor {
  const { chain, remoteSigner, log, tell } = shared
  const signer = remoteSigner
    ? remoteJobSigner(remoteSigner.identity)
    : chain
      ? keyJobSigner(chain.signer)
      : unsignedJobs
  const http = new SecureClient()
  const directory = directoryOf(config, shared)
  const search = new TokenSearch(
    { allowPrivate: mayBePrivate(config, shared), blocklist: blocklistOf(config.orchBlocklist ?? []) },
    { entries: () => directory.find(), http, signer, random: Math.random, log },
  )
  const payments = new JobPayments({
    payer: payerOf(shared),
    maxPrice: (capability) => deps.maxPrice(CAPABILITY.byoc, capability),
    clock: systemClock,
    log,
  })
  const buyer = new ByocBuyer({ search, payments, signer, http, tell, clock: systemClock, log })
  const stopping = stopSignal('byoc-calls', parts, async () => {
    await streams.stop()
    http.close()
  })
  const door = { keys: deps.keys, log, stopping }
  const streams = new ByocStreamDoor({ buyer, ...door, ownUrl: deps.ownUrl, clock: systemClock })
  return joinDoors([new GatewayByocDoor({ buyer, ...door }), streams])
}

/** Aborts when the node stops. */
export function stopSignal(name: string, parts: Part[], after: () => void | Promise<void> = () => {}): AbortSignal {
  const stopping = new AbortController()
  parts.push({
    name,
    stop: async () => {
      stopping.abort(new MillraceError('stopped', 'the node is stopping', { retryable: true }))
      await after()
    },
  })
  return stopping.signal
}
