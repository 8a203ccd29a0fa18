import type { LiveAiGatewayConfig, OrchestratorConfig } from '@millrace/node'
import type { FlagName } from '../flags/flag-table.ts'
import { badFlag, type Flags } from '../flags/flags.ts'
import { secretText } from './secret-text.ts'
import { remoteService, webAddress } from './web-service.ts'

const LEAST_INTERVAL_MS = 100

/** How an orchestrator sells live AI, where the flags say anything of it. */
export function liveAiSelling(flags: Flags): Pick<OrchestratorConfig, 'liveAi'> {
  const host = flags.optional('liveAITrickleHostForRunner')
  if (host !== undefined && !isHost(host)) throw badFlag('liveAITrickleHostForRunner', 'host or host:port', host)
  const paymentIntervalMs = flags.isSet('livePaymentInterval') ? flags.durationMs('livePaymentInterval') : undefined
  if (paymentIntervalMs !== undefined && paymentIntervalMs < LEAST_INTERVAL_MS)
    throw badFlag('livePaymentInterval', `at least ${LEAST_INTERVAL_MS}ms`, `${paymentIntervalMs}ms`)
  if (host === undefined && paymentIntervalMs === undefined) return {}
  return {
    liveAi: {
      ...(paymentIntervalMs !== undefined && { paymentIntervalMs }),
      ...(host !== undefined && { trickleHostForRunner: host }),
    },
  }
}

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

function isHost(text: string): boolean {
  try {
    return new URL(`https://${text}`).host !== '' && !/[/?#@]/.test(text)
  } catch {
    return false
  }
}
