import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { errorText, MillraceError } from '../errors.ts'

/** Addresses that are not on the public internet (RFC 1918, 3927, 4193, 5735, 6598 and their kin), or that stand for one of IPv4 (RFC 4291, 6052, 3056, 4380). */
const PRIVATE = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  PRIVATE.addSubnet(network, bits, 'ipv4')
for (const [network, bits] of [
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 32],
  ['2001:db8::', 32],
  ['2002::', 16],
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

/** An address of a host, as Node's own lookups give it. */
export type HostAddress = { readonly address: string; readonly family: number }

/**
 * The addresses of a host, all of them public unless private ones are allowed; connect to one of these, not to the name, which
 * may lead elsewhere a moment later. Throws `private_address` or `unknown_host`.
 */
export async function addressesOf(
  host: string,
  options: { readonly allowPrivate: boolean; readonly resolve?: (host: string) => Promise<readonly HostAddress[]> },
): Promise<readonly HostAddress[]> {
  const bare = host.replace(/^\[|\]$/g, '')
  let addresses: readonly HostAddress[]
  try {
    const resolve = options.resolve ?? ((name: string) => lookup(name, { all: true }))
    addresses = isIP(bare) ? [{ address: bare, family: isIP(bare) }] : await resolve(bare)
  } catch (cause) {
    throw new MillraceError('unknown_host', `the host ${bare} cannot be found: ${errorText(cause)}`, {
      cause,
      retryable: true,
    })
  }
  if (!options.allowPrivate && addresses.some(({ address }) => isPrivateAddress(address)))
    throw new MillraceError('private_address', `${bare} is a private address, which nobody on the network may name`)
  return addresses
}

/**
 * Throws `private_address` when a URL that a stranger named leads to a private address, by name or by number.
 * A name is looked up; every address it has must be public.
 */
export async function requirePublicAddress(url: string): Promise<void> {
  await addressesOf(new URL(url).hostname, { allowPrivate: false })
}
