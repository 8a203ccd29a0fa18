import { type Part, type Rational, systemClock } from '@millrace/base'
import type { Balances, TicketRecipient } from '@millrace/payments'
import { CAPABILITY } from '@millrace/wire'
import type { AuthTokens } from '@millrace/wire/node'
import type { LiveRunnersConfig } from '../config/live-runners.ts'
import type { GatewayConfig } from '../config/node-config.ts'
import type { ApiKeys } from '../gateway/api-keys/api-keys.ts'
import { AppBuyer } from '../gateway/live-runners/app-buyer.ts'
import { AppDoor } from '../gateway/live-runners/app-door.ts'
import { AppMarket } from '../gateway/live-runners/app-market.ts'
import type { PaymentService } from '../links/ai-links.ts'
import { LiveRunnerDoor } from '../links/http/live-runner-door.ts'
import { SecureClient } from '../links/http/secure-fetch.ts'
import type { TrickleMount } from '../links/http/trickle-mount.ts'
import { ComputeAccounts } from '../orchestrator/compute-accounts.ts'
import { proxyTemplate } from '../orchestrator/live-runners/proxy-template.ts'
import { RunnerChannels } from '../orchestrator/live-runners/runner-channels.ts'
import { RunnerRegistry } from '../orchestrator/live-runners/runner-registry.ts'
import { RunnerSales } from '../orchestrator/live-runners/runner-sales.ts'
import { RunnerService } from '../orchestrator/live-runners/runner-service.ts'
import type { SegmentAdmission } from '../orchestrator/segment-admission.ts'
import type { Terms } from '../orchestrator/terms.ts'
import { blocklistOf, directoryOf, mayBePrivate, payerOf } from './buying.ts'
import { stopSignal } from './byoc.ts'
import type { Shared } from './shared.ts'

/** What an orchestrator's own parts lend to its live runners. */
export type RunnerSelling = {
  readonly secret: string | undefined
  readonly serviceUri: () => string
  readonly trickle: TrickleMount
  readonly admission: Pick<SegmentAdmission, 'verify'>
  readonly terms: Pick<Terms, 'infoFor'>
  readonly tokens: AuthTokens
  readonly payments: Pick<PaymentService, 'take'>
  /** Undefined off chain. */
  readonly recipient: TicketRecipient | undefined
  readonly balances: Balances
}

/** The live runners of an orchestrator: their registry, what sessions cost, and the doors to them. Throws `bad_config` for a template of addresses that is none. */
export function composeLiveRunnerSelling(
  config: LiveRunnersConfig,
  shared: Shared,
  parts: Part[],
  selling: RunnerSelling,
): LiveRunnerDoor {
  const { log, tell, rates, operator } = shared
  const { serviceUri, trickle, recipient, balances } = selling
  const runnerAddr = () => config.runnerAddr ?? serviceUri()
  if (config.proxyUrl !== undefined) proxyTemplate(config.proxyUrl)
  const channels = new RunnerChannels({ runnerAddr }, { trickle, log })
  const registry = new RunnerRegistry(
    { secret: selling.secret, config: config.document, runnerAddr, isPaid: recipient !== undefined },
    {
      inWei: (pricePerPixel, currency) => rates.toWei({ pricePerPixel, currency }),
      ...{ channels, clock: systemClock, log },
    },
  )
  rates.onRate(() => {
    registry.reprice().catch((error) => log.warn('prices of live runners could not be converted', { error }))
  })
  const sales = new RunnerSales(
    {
      serviceUri,
      ...(config.paymentIntervalMs !== undefined && { intervalMs: config.paymentIntervalMs }),
    },
    {
      ...{ ...selling, channels, tell, log },
      accounts: new ComputeAccounts({ recipient, balances, tell }),
      clock: systemClock,
    },
  )
  // The service URI may change while the node runs.
  const template = () => proxyTemplate(config.proxyUrl ?? `${serviceUri()}/run/{proxy}`)
  const service = new RunnerService({ serviceUri, runnerAddr }, { registry, sales, channels, template })
  operator.liveRunners = { register: (text) => registry.registerStatic(text) }
  parts.push(sales, registry)
  return new LiveRunnerDoor({ service, log })
}

/** Where clients of a gateway call apps. */
export function composeAppBuying(
  config: GatewayConfig,
  shared: Shared,
  parts: Part[],
  deps: {
    readonly maxPrice: (capability: number, modelId: string) => Rational | undefined
    readonly ownUrl: () => string
    readonly keys: ApiKeys | undefined
  },
): AppDoor {
  const { log, tell } = shared
  const directory = directoryOf(config, shared)
  const http = new SecureClient()
  const clock = systemClock
  const market = new AppMarket(
    { allowPrivate: mayBePrivate(config, shared), blocklist: blocklistOf(config.orchBlocklist ?? []) },
    { entries: () => directory.find(), http, clock, log },
  )
  const buyer = new AppBuyer(
    {},
    {
      ...{ market, http, tell, clock, log, random: Math.random, payer: payerOf(shared) },
      maxPrice: (app) => deps.maxPrice(CAPABILITY.byoc, app),
    },
  )
  const stopping = stopSignal('app-sessions', parts, async () => {
    await buyer.stop()
    http.close()
  })
  return new AppDoor({ buyer, market, keys: deps.keys, ownUrl: deps.ownUrl, log, stopping })
}
