import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { errorText, MillraceError } from '@millrace/base'

/** Addresses that are not on the public internet (RFC 1918, 3927, 4193, 5735, 6598 and their kin). */
const PRIVATE = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  PRIVATE.addSubnet(network, bits, 'ipv4')
for (const [network, bits] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  PRIVATE.addSubnet(network, bits, 'ipv6')

/** True for an IP address that is not on the public internet, also when IPv6 wraps an IPv4 one. */
export function isPrivateAddress(ip: string): boolean {
  const wrapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1]
  if (wrapped) return isPrivateAddress(wrapped)
  const version = isIP(ip)
  return version === 0 || PRIVATE.check(ip, version === 6 ? 'ipv6' : 'ipv4')
}

/** True when a URL names a private address by number, or this machine by name; other names are not looked up. */
export function isPrivateHost(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '')
  return isIP(host) ? isPrivateAddress(host) : host === 'localhost'
}

/**
 * Throws `private_address` when a URL that a stranger named leads to a private address, by name or by number.
 * A name is looked up; every address it has must be public.
 */
export async function requirePublicAddress(url: string): Promise<void> {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '')
  let addresses: readonly string[]
  try {
    addresses = isIP(host) ? [host] : (await lookup(host, { all: true })).map(({ address }) => address)
  } catch (cause) {
    throw new MillraceError('unknown_host', `the host ${host} cannot be found: ${errorText(cause)}`, {
      cause,
      retryable: true,
    })
  }
  if (addresses.some(isPrivateAddress))
    throw new MillraceError('private_address', `${host} is a private address, which nobody on the network may name`)
}
