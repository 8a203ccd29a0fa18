import { type Log, silentLog, systemClock } from '@millrace/base'
import { Hashing } from '@millrace/base/node'
import type { NodeEventBody, VideoProfile } from '@millrace/wire'
import type { GatewayConfig } from '../../../packages/node/src/config/node-config.ts'
import type { SegmentBuyer } from '../../../packages/node/src/gateway/buyer.ts'
import { ChoiceLog } from '../../../packages/node/src/gateway/explain.ts'
import { Gateway } from '../../../packages/node/src/gateway/gateway.ts'

/** A gateway in this process, alone: it has nobody to buy from unless `buy` delivers. */
export async function startGateway(
  options: {
    readonly config?: Partial<GatewayConfig>
    readonly ladder?: readonly VideoProfile[]
    readonly buy?: SegmentBuyer['buy']
    readonly log?: Log
  } = {},
): Promise<{ readonly gateway: Gateway; readonly url: string; readonly events: NodeEventBody[] } & AsyncDisposable> {
  const events: NodeEventBody[] = []
  const hashing = new Hashing()
  const gateway = new Gateway(
    {
      rtmp: { host: '127.0.0.1', port: 0 },
      http: { host: '127.0.0.1', port: 0 },
      ladder: options.ladder ?? [],
      ...options.config,
    },
    {
      openBuyer: () =>
        ({ buy: options.buy ?? (async () => ({ lost: 'no_orchestrator' as const })), close: async () => {} }) as never,
      choices: new ChoiceLog(),
      hashing,
      clock: systemClock,
      tell: (event) => void events.push(event),
      log: options.log ?? silentLog,
    },
  )
  await gateway.start()
  return {
    gateway,
    url: gateway.httpUrl,
    events,
    [Symbol.asyncDispose]: async () => {
      await gateway.stop()
      await hashing.stop()
    },
  }
}
