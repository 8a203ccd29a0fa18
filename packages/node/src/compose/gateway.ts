import { join } from 'node:path'
import { errorText, type Log, type Part, systemClock } from '@millrace/base'
import { ComplexityProbe, type ObjectStore, openObjectStore } from '@millrace/media'
import type { TellEvent } from '@millrace/wire'
import type { GatewayConfig } from '../config/node-config.ts'
import { ApiKeys } from '../gateway/api-keys/api-keys.ts'
import { AuthWebhook } from '../gateway/auth-webhook.ts'
import { Gateway } from '../gateway/gateway.ts'
import { joinDoors } from '../gateway/join-doors.ts'
import { composeAiBuying } from './ai-buying.ts'
import { composeBuying } from './buying.ts'
import { composeByocBuying } from './byoc.ts'
import { composeCertificate } from './certificate.ts'
import { composeChallenger } from './disputes.ts'
import { composeDistribution } from './distribution.ts'
import { GatewaySettings } from './gateway-control.ts'
import { composeAppBuying } from './live-runners.ts'
import { NamedCeilings } from './named-ceilings.ts'
import type { Shared } from './shared.ts'

/** A gateway with its doors, its connections and a buyer for each stream. */
export async function composeGateway(config: GatewayConfig, shared: Shared, parts: Part[]): Promise<Gateway> {
  const { log, hashing } = shared
  // Where publishers are is told only to operators who want to know.
  const tell = shared.config.monitor?.clientIp ? shared.tell : withoutClientIp(shared.tell)
  const ceilings = new NamedCeilings(config, shared)
  const [objectStore, recordStore] = openStores(config, shared)
  const challenger = config.challenge ? await composeChallenger(shared, parts) : undefined
  const buying = composeBuying(config, shared, parts, {
    maxPrice: (job) => ceilings.most(job),
    objectStore,
    lied: challenger && ((lie) => void challenged(challenger.challenge(lie.commitment, lie), log)),
  })
  const settings = new GatewaySettings(config, { ceilings, book: buying.book })
  shared.operator.gateway = settings
  const distribution = composeDistribution(config, shared, parts, {
    book: buying.book,
    origin: () => gateway.publicHttpUrl,
  })
  shared.operator.distribution = distribution
  const keysFile = config.ai?.keysFile
  const keys = keysFile === undefined ? undefined : new ApiKeys(keysFile, { kv: shared.kv, clock: systemClock, log })
  if (keys) parts.push(keys)
  const ai =
    config.ai &&
    composeAiBuying(config, shared, parts, {
      keys,
      maxPrice: (job) => ceilings.most(job),
      ownUrl: () => gateway.publicHttpUrl,
    })
  const compute = { maxPrice: ceilings.named.bind(ceilings), ownUrl: () => gateway.publicHttpUrl, keys }
  const byoc = config.ai && composeByocBuying(config, shared, parts, compute)
  const apps = config.ai && composeAppBuying(config, shared, parts, compute)
  const keeper = config.acme && composeCertificate(config.acme, config.http, shared, parts)
  const gateway: Gateway = new Gateway(settings.applyTo(keeper ? { ...config, tls: keeper.files } : config), {
    hashing,
    clock: systemClock,
    tell,
    log,
    choices: buying.choices,
    distribution,
    ai: joinDoors([ai?.door, byoc, apps]),
    liveAi: ai?.live,
    objectStore,
    recordStore,
    nodeId: shared.config.nodeId,
    probe: config.perTitle && new ComplexityProbe({}, { log }),
    auth: config.authWebhookUrl === undefined ? undefined : new AuthWebhook({ url: config.authWebhookUrl }, { log }),
    openBuyer: (stream) => buying.openBuyer(stream),
  })
  parts.push(gateway)
  return gateway
}

/** The stores of -objectStore and -recordStore; one store where both are the same. */
function openStores(config: GatewayConfig, { config: { folder } }: Shared): readonly (ObjectStore | undefined)[] {
  const options = { ipfsFolder: join(folder, 'ipfs') }
  const open = (url: string | undefined) => (url === undefined ? undefined : openObjectStore(url, options))
  const objectStore = open(config.objectStore)
  return [objectStore, config.recordStore === config.objectStore ? objectStore : open(config.recordStore)]
}

/** A challenge that fails is no fault of the stream. */
const challenged = (dispute: Promise<bigint>, log: Log): Promise<unknown> =>
  dispute.catch((error) => log.warn('an orchestrator could not be challenged', { error: errorText(error) }))

const withoutClientIp =
  (tell: TellEvent): TellEvent =>
  (event) => {
    if (event.type !== 'stream_started') return tell(event)
    const { clientIp: _, ...rest } = event
    tell(rest)
  }
