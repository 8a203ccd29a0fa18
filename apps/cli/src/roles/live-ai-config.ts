import type { LiveAiGatewayConfig } from '@millrace/node'
import type { FlagName } from '../flags/flag-table.ts'
import { badFlag, type Flags } from '../flags/flags.ts'
import { secretText } from './secret-text.ts'
import { remoteService, webAddress } from './web-service.ts'

/** How a gateway has AI pipelines work on live video; what is as Millrace has it by itself is left out. */
export function liveAiBuying(flags: Flags): { readonly live?: LiveAiGatewayConfig } {
  const url = webAddress(flags, 'liveAIAuthWebhookUrl')
  const key = flags.optional('liveAIAuthApiKey')
  const heartbeat = remoteService(flags, 'liveAIHeartbeatURL', 'liveAIHeartbeatHeaders')
  const outSegmentTimeoutMs = flags.durationMs('liveOutSegmentTimeout')
  const live: LiveAiGatewayConfig = {
    ...(flags.isSet('livePaymentInterval') && { paymentIntervalMs: someTime(flags, 'livePaymentInterval') }),
    ...(outSegmentTimeoutMs > 0 && { outSegmentTimeoutMs }),
    ...(flags.isSet('liveAIViewers') && { maxViewers: flags.count('liveAIViewers', 1) }),
    ...(url !== undefined && {
      auth: { url, ...(key !== undefined && { apiKey: secretText(key, 'liveAIAuthApiKey') }) },
    }),
    ...(heartbeat && {
      heartbeat: { ...heartbeat, intervalMs: someTime(flags, 'liveAIHeartbeatInterval') },
    }),
  }
  return Object.keys(live).length > 0 ? { live } : {}
}

/** A timer without a pause would do nothing else. */
function someTime(flags: Flags, name: FlagName): number {
  const ms = flags.durationMs(name)
  if (ms < 100) throw badFlag(name, 'a duration of at least 100ms', flags.text(name))
  return ms
}
