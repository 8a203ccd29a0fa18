import { type Part, systemClock } from '@millrace/base'
import type { GatewayConfig } from '../config/node-config.ts'
import { AuthWebhook } from '../gateway/auth-webhook.ts'
import { Gateway } from '../gateway/gateway.ts'
import { composeBuying } from './buying.ts'
import type { Shared } from './shared.ts'

/** A gateway with its doors, its connections and a buyer for each stream. */
export function composeGateway(config: GatewayConfig, shared: Shared, parts: Part[]): Gateway {
  const { log, tell, hashing } = shared
  const buying = composeBuying(config, shared, parts)
  const gateway = new Gateway(config, {
    hashing,
    clock: systemClock,
    tell,
    log,
    choices: buying.choices,
    auth: config.authWebhookUrl === undefined ? undefined : new AuthWebhook({ url: config.authWebhookUrl }, { log }),
    openBuyer: (stream) => buying.openBuyer(stream),
  })
  parts.push(gateway)
  return gateway
}
