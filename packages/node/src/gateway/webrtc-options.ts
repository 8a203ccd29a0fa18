import { networkInterfaces } from 'node:os'
import type { WebRtcOptions } from '@millrace/media'
import type { GatewayConfig } from '../config/node-config.ts'

/** Interfaces that nobody outside this machine reaches. */
const INWARD = /^(docker|br-|veth|virbr|vmnet)/

/** Offers the addresses that the operator names, else those at which the gateway listens for HTTP. */
export function webRtcOptions({ http, webrtc = {} }: Pick<GatewayConfig, 'http' | 'webrtc'>): WebRtcOptions {
  const { addresses, ports, publicAddress, iceServers, maxSessions } = webrtc
  const hosts = addresses ?? [http.host]
  return { addresses: [...new Set(hosts.flatMap(addressesOf))], ports, publicAddress, iceServers, maxSessions }
}

function addressesOf(host: string): readonly string[] {
  if (host === 'localhost') return ['127.0.0.1']
  if (host !== '0.0.0.0' && host !== '::') return [host]
  const outward = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    INWARD.test(name) ? [] : (addresses ?? []).filter(({ family, internal }) => family === 'IPv4' && !internal),
  )
  return ['127.0.0.1', ...outward.map(({ address }) => address)]
}
