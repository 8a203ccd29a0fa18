import { isIP } from 'node:net'
import type { ListenAddress } from '@millrace/node'
import type { Address } from '@millrace/wire'
import type { FlagName } from '../flags/flag-table.ts'
import { badFlag } from '../flags/flags.ts'

/** The port of orchestrators and redeemers. */
export const SERVICE_PORT = 8935
const LOOPBACK = '127.0.0.1'

/** Where to listen: `host:port`, `:port` for every interface, a host or a port alone. */
export function listenAt(flag: FlagName, text: string, standard: ListenAddress): ListenAddress {
  if (text === '') return standard
  const bare = text.replace(/^https:\/\//i, '')
  // A plaintext listener would be taken for one, so it is not silently made a TLS one.
  if (/^http:\/\//i.test(bare)) throw badFlag(flag, 'host:port (a listener without TLS is not served yet)', text)
  if (/^\d+$/.test(bare)) return { host: standard.host, port: portOf(flag, bare) }
  const [host, port] = hostAndPort(flag, bare)
  return { host: host === '' ? '0.0.0.0' : host, port: port ?? standard.port }
}

/** The URL of an orchestrator or a redeemer: https:// and port 8935 unless they stand there. */
export function serviceUrl(flag: FlagName, text: string): string {
  const wrong = () => badFlag(flag, 'host:port or https://host:port', text)
  const withScheme = /^[a-z]+:\/\//i.test(text) ? text : `https://${text.startsWith(':') ? LOOPBACK : ''}${text}`
  let url: URL
  try {
    url = new URL(withScheme)
  } catch {
    throw wrong()
  }
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '' || url.hostname === '') throw wrong()
  // URL drops the port 443 where it is written; only a port that is missing becomes 8935.
  const written = /:\d+\/?$/.test(withScheme.replace(/^https:\/\//i, ''))
  return written
    ? url.port === ''
      ? `https://${url.hostname}:443`
      : url.origin
    : `https://${url.hostname}:${SERVICE_PORT}`
}

export const portOfUrl = (url: string): number => Number(new URL(url).port || 443)

/** True for addresses that only this machine can reach. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'))

/** An Ethereum address in lower case. */
export function ethAddress(flag: FlagName, text: string): Address {
  const bare = text.replace(/^0x/i, '')
  if (!/^[0-9a-fA-F]{40}$/.test(bare)) throw badFlag(flag, 'an Ethereum address, 0x and 40 hex digits', text)
  return `0x${bare.toLowerCase()}` as Address
}

function hostAndPort(flag: FlagName, text: string): readonly [string, number | undefined] {
  const match = /^(\[[0-9a-fA-F:]+\]|[^:/\s]*)(?::(\d+))?\/?$/.exec(text)
  if (!match) throw badFlag(flag, 'host:port', text)
  const [, host = '', port] = match
  return [host.replace(/^\[|\]$/g, ''), port === undefined ? undefined : portOf(flag, port)]
}

function portOf(flag: FlagName, text: string): number {
  const port = Number(text)
  if (port > 65_535) throw badFlag(flag, 'host:port with a port up to 65535', text)
  return port
}
