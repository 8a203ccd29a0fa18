import { networkInterfaces } from 'node:os'
import type { WebRtcOptions } from '@millrace/media'
import type { GatewayConfig } from '../config/node-config.ts'

/** Interfaces that nobody outside this machine reaches. */
const INWARD = /^(docker|br-|veth|virbr|vmnet)/

type Config = Pick<GatewayConfig, 'http' | 'webrtc' | 'publicHost'>

/** Offers the addresses that the operator names, else those at which the gateway listens for HTTP. */
export function webRtcOptions({ http, webrtc = {}, publicHost }: Config): WebRtcOptions {
  const { ports, publicAddress, iceServers, maxSessions } = webrtc
  const addresses = [...new Set((webrtc.addresses ?? [http.host]).flatMap(addressesOf))]
  const turn = webrtc.turn && turnOptions(webrtc.turn, { addresses, publicAddress, publicHost })
  return { addresses, ports, publicAddress, iceServers, maxSessions, turn }
}

/** Clients are told the best name there is; packets are relayed from any address where sessions have several. */
function turnOptions(
  { listen, secure, name }: NonNullable<NonNullable<Config['webrtc']>['turn']>,
  at: Pick<WebRtcOptions, 'addresses' | 'publicAddress'> & { readonly publicHost: string | undefined },
): NonNullable<WebRtcOptions['turn']> {
  const outward = at.addresses.find((address) => !isLoopback(address))
  const relayAddress = at.publicAddress ?? outward ?? '127.0.0.1'
  return {
    listen,
    ...(secure && { secure }),
    name: name ?? at.publicHost ?? relayAddress,
    relayAddress,
    from: outward === undefined ? '127.0.0.1' : '0.0.0.0',
  }
}

const isLoopback = (address: string): boolean => address === '::1' || address.startsWith('127.')

function addressesOf(host: string): readonly string[] {
  if (host === 'localhost') return ['127.0.0.1']
  if (host !== '0.0.0.0' && host !== '::') return [host]
  const outward = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    INWARD.test(name) ? [] : (addresses ?? []).filter(({ family, internal }) => family === 'IPv4' && !internal),
  )
  return ['127.0.0.1', ...outward.map(({ address }) => address)]
}
