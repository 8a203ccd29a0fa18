import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'
import { MillraceError } from '@millrace/base'

/** How a request came to the node, as its sender sees it. */
export type CameBy = {
  /** Address of the sender; that of the last machine before the first proxy that is trusted. */
  readonly clientIp: string | undefined
  /** Name and port that the sender asked, as it says; undefined when it named none. */
  readonly host: string | undefined
  /** The address that the sender asked, where a trusted proxy says so: anybody else could name any. */
  readonly askedUrl?: string
}

const HOST = /^([a-z0-9_.-]{1,253}|\[[0-9a-f:.]{2,45}\])(:\d{1,5})?$/i

/**
 * Reads X-Forwarded-For, -Proto and -Host of those proxies that the operator named, by address or network (`10.0.0.0/8`); from anybody else
 * they are not looked at, since everyone can write them. Throws `bad_config` for what is no address.
 */
export class TrustedProxies {
  readonly #list = new BlockList()
  readonly #any: boolean

  constructor(proxies: readonly string[]) {
    this.#any = proxies.length > 0
    for (const text of proxies) this.#add(text)
  }

  cameBy(request: IncomingMessage): CameBy {
    const peer = plainAddress(request.socket.remoteAddress)
    const { headers } = request
    const direct: CameBy = { clientIp: peer, host: headers.host }
    if (peer === undefined || !this.#trusts(peer)) return direct
    // Each proxy adds who asked it at the end: what stands before the last one that is not ours may be invented.
    const forwarded = listOf(headers['x-forwarded-for']).flatMap((text) => plainAddress(text) ?? [])
    const chain = [...forwarded, peer].filter((address) => isIP(address) > 0).reverse()
    const client = chain.find((address) => !this.#trusts(address))
    const scheme = listOf(headers['x-forwarded-proto']).at(-1)?.toLowerCase()
    const host = listOf(headers['x-forwarded-host']).at(-1)
    const asked = host !== undefined && HOST.test(host) ? host : headers.host
    // Many proxies hand the host on as it was asked and tell the scheme only; one that tells neither knows nothing better.
    const vouches = asked !== undefined && (host ?? scheme) !== undefined
    return {
      clientIp: client ?? chain.at(-1),
      host: asked,
      ...(vouches && { askedUrl: `${scheme === 'https' ? 'https' : 'http'}://${asked}` }),
    }
  }

  #trusts(address: string): boolean {
    const family = isIP(address)
    return this.#any && family > 0 && this.#list.check(address, family === 6 ? 'ipv6' : 'ipv4')
  }

  #add(text: string): void {
    const [address = '', bits] = text.trim().split('/')
    const family = isIP(address)
    const most = family === 6 ? 128 : 32
    const prefix = bits === undefined ? most : Number(bits)
    if (family === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > most || bits === '')
      throw new MillraceError(
        'bad_config',
        `-trustedProxies has ${JSON.stringify(text)}, expected addresses or networks such as 127.0.0.1 or 10.0.0.0/8`,
      )
    this.#list.addSubnet(address, prefix, family === 6 ? 'ipv6' : 'ipv4')
  }
}

const listOf = (header: string | string[] | undefined): string[] =>
  (Array.isArray(header) ? header.join(',') : (header ?? ''))
    .slice(-2_000)
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** An IPv4 address that arrives at a socket of both families is written as one of IPv6. */
const plainAddress = (address: string | undefined): string | undefined => address?.replace(/^::ffff:(?=\d+\.)/i, '')
