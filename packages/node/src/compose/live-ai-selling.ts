import { type Part, rational } from '@millrace/base'
import type { OrchestratorConfig } from '../config/node-config.ts'
import type { Door } from '../links/http/door.ts'
import { liveAiDoor } from '../links/http/live-ai-door.ts'
import { LiveSales, type LiveSalesDeps } from '../orchestrator/live-ai/live-sales.ts'
import type { Shared } from './shared.ts'

const PAYMENT_INTERVAL_MS = 5_000

/** The door of an orchestrator where live streams begin. `port` is where it listens, once it does. */
export function composeLiveAiSelling(
  config: OrchestratorConfig,
  { serviceUri, port }: { readonly serviceUri: () => string; readonly port: () => number | undefined },
  deps: Omit<LiveSalesDeps, 'tell' | 'log'>,
  { parameters, tell, log }: Pick<Shared, 'parameters' | 'tell' | 'log'>,
  parts: Part[],
): Door {
  const { paymentIntervalMs = PAYMENT_INTERVAL_MS, trickleHostForRunner } = config.liveAi ?? {}
  const sales = new LiveSales(
    {
      ...{ serviceUri, localUri: () => localUri(config.listen.host, port()) },
      ticketEv: rational(parameters.ticketEvWei),
      intervalMs: paymentIntervalMs,
      hostForRunner: trickleHostForRunner,
    },
    { ...deps, tell, log },
  )
  parts.push(sales)
  return liveAiDoor({ service: sales, log })
}

/** Where a process reaches its own port: what it listens at, unless that is every address. */
function localUri(host: string, port: number | undefined): string {
  const isEvery = host === '' || host === '0.0.0.0' || host === '::' || host === '[::]'
  const name = isEvery ? '127.0.0.1' : host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  return `https://${name}:${port ?? 0}`
}
