import type { OrchestratorConfig } from '@millrace/node'
import { badFlag, type Flags } from '../flags/flags.ts'

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

function isHost(text: string): boolean {
  try {
    return new URL(`https://${text}`).host !== '' && !/[/?#@]/.test(text)
  } catch {
    return false
  }
}
