import type { GatewayConfig } from '@millrace/node'
import type { Flags } from '../flags/flags.ts'
import { missing } from '../flags/read-flags.ts'
import { isLoopback, listenAt, serviceUrl } from './addresses.ts'
import { ladderOf } from './ladder.ts'
import { pricePerPixel } from './prices.ts'
import { sessions } from './sessions.ts'

/** `ownOrchestrator` is the URL of the orchestrator of the same process, which is used when no other is named. */
export function gatewayConfig(
  flags: Flags,
  options: { readonly onChain: boolean; readonly ownOrchestrator: string | undefined },
): GatewayConfig {
  const http = listenAt('httpAddr', flags.text('httpAddr'), { host: '127.0.0.1', port: 9935 })
  const orchestrators = flags.list('orchAddr').map((text) => serviceUrl('orchAddr', text))
  const list =
    orchestrators.length > 0 ? orchestrators : options.ownOrchestrator ? [options.ownOrchestrator] : undefined
  if (!list && !options.onChain)
    throw missing('orchAddr', 'without a chain a gateway must be told which orchestrators to use, as host:port')
  const most = pricePerPixel(flags, 'maxPricePerUnit')
  return {
    rtmp: listenAt('rtmpAddr', flags.text('rtmpAddr'), { host: '127.0.0.1', port: 1935 }),
    http,
    ladder: ladderOf(flags),
    ...(list && (!options.onChain || orchestrators.length > 0) && { orchestrators: list }),
    ...weightsOf(flags),
    ...(most.num > 0n && { maxPricePerPixel: most }),
    maxAttempts: flags.count('maxAttempts', 1),
    maxStreams: sessions(flags),
    // Whoever can push spends this gateway's money: without a word of the operator only this machine may.
    httpIngest: flags.isSet('httpIngest') ? flags.switch('httpIngest') : isLoopback(http.host),
  }
}

/** go-livepeer's three weights, as soon as one of them is given; ours count latency and quality too. */
function weightsOf(flags: Flags): Pick<GatewayConfig, 'weights'> {
  const names = ['selectRandFreq', 'selectStakeWeight', 'selectPriceWeight'] as const
  if (!names.some((name) => flags.isSet(name))) return {}
  const [random, stake, price] = names.map((name) => flags.number(name)) as [number, number, number]
  if (random + stake + price <= 0) throw missing('selectRandFreq', 'one of the three weights must be above 0')
  return { weights: { random, stake, price, latency: 0, quality: 0 } }
}
