import { isIP } from 'node:net'
import type { GatewayConfig } from '@millrace/node'
import { badFlag, type Flags } from '../flags/flags.ts'
import { missing } from '../flags/read-flags.ts'
import { listenAt } from './addresses.ts'
import { secretText } from './secret-text.ts'

type WebRtcConfig = NonNullable<GatewayConfig['webrtc']>

/** How publishers and viewers by WebRTC reach the gateway; nothing when no flag says anything about it. */
export function webRtcConfig(flags: Flags): { readonly webrtc?: WebRtcConfig } {
  const addresses = flags.list('webrtcAddr')
  for (const address of addresses)
    if (isIP(address) === 0) throw badFlag('webrtcAddr', 'IP addresses of this machine', address)
  const publicAddress = flags.optional('webrtcPublicAddr')
  if (publicAddress !== undefined && isIP(publicAddress) === 0)
    throw badFlag('webrtcPublicAddr', 'an IP address', publicAddress)
  const ports = udpPorts(flags.optional('webrtcPorts'))
  const servers = flags.optional('webrtcIceServers')
  const webrtc: WebRtcConfig = {
    ...(addresses.length > 0 && { addresses }),
    ...(ports && { ports }),
    ...(publicAddress !== undefined && { publicAddress }),
    ...(servers !== undefined && { iceServers: iceServers(secretText(servers, 'webrtcIceServers')) }),
    ...turn(flags),
    ...(flags.isSet('webrtcSessions') && { maxSessions: flags.count('webrtcSessions', 1) }),
  }
  return Object.keys(webrtc).length > 0 ? { webrtc } : {}
}

/** 3478 and 5349 are the ports of RFC 8656. */
function turn(flags: Flags): Pick<WebRtcConfig, 'turn'> {
  const [plain, secure] = [flags.optional('turnAddr'), flags.optional('turnsAddr')]
  if (plain === undefined && secure === undefined) return {}
  if (plain === undefined) throw missing('turnAddr', '-turnsAddr serves TURN over TLS beside that over UDP and TCP')
  return {
    turn: {
      listen: listenAt('turnAddr', plain, { host: '0.0.0.0', port: 3478 }),
      ...(secure !== undefined && { secure: listenAt('turnsAddr', secure, { host: '0.0.0.0', port: 5349 }) }),
    },
  }
}

/** `first-last`; undefined for none. */
export function udpPorts(text: string | undefined): readonly [number, number] | undefined {
  if (text === undefined) return undefined
  const [, first, last] = /^(\d{1,5})-(\d{1,5})$/.exec(text) ?? []
  const ports = [Number(first), Number(last)] as const
  if (!(ports[0] >= 1 && ports[0] < ports[1] && ports[1] <= 65_535))
    throw badFlag('webrtcPorts', 'two UDP ports, the lower one first, such as 50000-50200', text)
  return ports
}

/** The text is not repeated in errors: it may hold a password. */
function iceServers(text: string): NonNullable<WebRtcConfig['iceServers']> {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [, scheme, username, credential, host] =
        /^(stun|turns?):(?:([^:@\s]+):([^@\s]+)@)?(\[[0-9a-fA-F:]+\]|[^:@/\s?]+):\d{1,5}(?:\?transport=(?:udp|tcp))?$/.exec(
          part,
        ) ?? []
      const isTurn = scheme !== 'stun'
      if (scheme === undefined || host === undefined || isTurn !== (username !== undefined))
        throw badFlag('webrtcIceServers', 'stun:host:port or turn:user:password@host:port', scheme ?? 'something else')
      const urls = part.replace(`${username}:${credential}@`, '')
      return isTurn ? { urls, username: username as string, credential: credential as string } : { urls }
    })
}
