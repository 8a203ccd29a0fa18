import type { GatewayConfig, GatewayDistribution, ListenAddress, OrchestratorConfig } from '@millrace/node'
import type { FlagName } from '../flags/flag-table.ts'
import { badFlag, type Flags } from '../flags/flags.ts'
import { missing } from '../flags/read-flags.ts'
import { isLoopback, listenAt } from './addresses.ts'
import { pricePerByte } from './prices.ts'

const GIGABYTE = 1e9
const MEGABYTE = 1e6

/** Who serves the viewers of a gateway that listens at `http`. */
export function gatewayDistribution(
  flags: Flags,
  { http, onChain }: { readonly http: ListenAddress; readonly onChain: boolean },
): Pick<GatewayConfig, 'distribution'> {
  const by = flags.text('distributeBy')
  if (by === 'gateway') return {}
  if (by !== 'orchestrators') throw badFlag('distributeBy', '`gateway` or `orchestrators`', by)
  const origin = webOrigin(flags, 'distributeFrom')
  if (origin === undefined && !flags.isSet('gatewayHost') && isEverywhere(http.host))
    throw missing('distributeFrom', 'orchestrators must be told under which address they fetch from this gateway')
  const { pricePerByte: most, currency } = pricePerByte(flags, 'maxPricePerGigabyte', onChain)
  const distribution: GatewayDistribution = {
    edges: flags.count('distributeEdges', 1),
    maxBytesPerMinute: bytes(flags, 'maxDistributePerMinute', GIGABYTE),
    maxBytesPerStream: bytes(flags, 'maxDistributePerStream', GIGABYTE),
    ...(most.num > 0n && { maxPricePerByte: most, ...(currency !== undefined && { maxPriceCurrency: currency }) }),
    ...(origin !== undefined && { origin }),
  }
  return { distribution }
}

/** How an orchestrator serves viewers, where it does. */
export function orchestratorDistribution(flags: Flags, onChain: boolean): Pick<OrchestratorConfig, 'distribution'> {
  if (!flags.switch('distribute')) return {}
  if (onChain && !flags.isSet('pricePerGigabyte'))
    throw missing('pricePerGigabyte', 'who serves viewers on a chain must name a price, in wei for 1e9 bytes')
  const listen = listenAt('distributeAddr', flags.text('distributeAddr'), { host: '127.0.0.1', port: 8937 })
  const viewerUrl = webOrigin(flags, 'distributeUrl')
  if (viewerUrl === undefined && isEverywhere(listen.host))
    throw missing('distributeUrl', 'viewers must be told an address, and -distributeAddr names none')
  const [certFile, keyFile] = [flags.optional('distributeCert'), flags.optional('distributeKey')]
  if (certFile === undefined && keyFile !== undefined)
    throw missing('distributeCert', '-distributeKey has the key of a certificate that is not named')
  if (certFile !== undefined && keyFile === undefined) throw missing('distributeKey', '-distributeCert needs its key')
  return {
    distribution: {
      listen,
      ...(viewerUrl !== undefined && { viewerUrl }),
      ...(certFile !== undefined && keyFile !== undefined && { tls: { certFile, keyFile } }),
      ...pricePerByte(flags, 'pricePerGigabyte', onChain),
      cacheBytes: bytes(flags, 'distributeCache', MEGABYTE),
    },
  }
}

const isEverywhere = (host: string): boolean => !isLoopback(host) && (host === '0.0.0.0' || host === '::')

function bytes(flags: Flags, name: FlagName, unit: number): number {
  const value = Math.round(flags.number(name) * unit)
  if (!Number.isSafeInteger(value) || value < 1) throw badFlag(name, 'a number above 0', flags.text(name))
  return value
}

/** Scheme, host and port. */
function webOrigin(flags: Flags, name: FlagName): string | undefined {
  const text = flags.optional(name)
  if (text === undefined) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:'
  if (!url || !isWeb || url.username !== '' || url.search !== '' || url.hash !== '' || url.pathname !== '/')
    throw badFlag(name, 'http:// or https:// with a host and no path', text)
  return url.origin
}
