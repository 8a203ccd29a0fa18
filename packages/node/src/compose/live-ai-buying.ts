import { GatewayBalances } from '@millrace/payments'
import type { GatewayConfig } from '../config/node-config.ts'
import type { ApiKeys } from '../gateway/api-keys/api-keys.ts'
import { LiveAi } from '../gateway/live-ai/live-ai.ts'
import { LiveAiAuth } from '../gateway/live-ai/live-ai-auth.ts'
import { LiveMarket, type LiveMarketDeps } from '../gateway/live-ai/live-ai-market.ts'
import type { StartDeps } from '../gateway/live-ai/start-live-ai.ts'
import { mayBePrivate, payerOf } from './buying.ts'
import type { Shared } from './shared.ts'

/** Live video through AI pipelines, at the doors of a gateway; it buys from those of whom the market of AI jobs knows. */
export function composeLiveAi(
  config: GatewayConfig,
  shared: Shared,
  deps: LiveMarketDeps & Pick<StartDeps, 'http'> & { readonly keys: ApiKeys | undefined },
): LiveAi {
  const { live = {} } = config.ai ?? {}
  const { paymentIntervalMs, outSegmentTimeoutMs: outTimeoutMs, minSegmentMs, maxViewers, auth, heartbeat } = live
  const { network } = shared.config
  const market = new LiveMarket({ minVersion: config.orchMinLivepeerVersion ?? '' }, deps)
  return new LiveAi(
    { paymentIntervalMs, outTimeoutMs, minSegmentMs, maxViewers, heartbeat },
    {
      market,
      http: deps.http,
      keys: deps.keys,
      clock: deps.clock,
      log: shared.log,
      tell: shared.tell,
      payer: payerOf(shared),
      balances: new GatewayBalances(),
      allowPrivate: mayBePrivate(config, shared),
      auth: auth && new LiveAiAuth(auth, shared),
      privateOutputs: network.kind === 'offchain' || network.payments === 'devnet',
    },
  )
}
