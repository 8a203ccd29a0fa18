import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]']

/** True for an address that only this machine reaches. */
export const isLoopback = (host: string): boolean => LOOPBACK.includes(host) || host === '::1'

/**
 * True when no browser sends the request for a page of another site, which could otherwise read or steer a node (faults 45).
 * The host must be a loopback name, because any other name may have been made to resolve to this machine; a node that
 * listens to a network (`openTo`) also takes addresses and names without a dot, which no attacker can register.
 */
export function isLocalRequest(
  request: Pick<IncomingMessage, 'headers'>,
  options: { readonly openTo?: string } = {},
): boolean {
  const { host = '' } = request.headers
  const name = host.replace(/:\d+$/, '')
  const { openTo = '127.0.0.1' } = options
  const known =
    LOOPBACK.includes(name) || (!isLoopback(openTo) && (name === openTo || isIP(bare(name)) > 0 || isLabel(name)))
  return known && isOwnPage(request.headers, host)
}

/** True for the other end of a connection that is on this machine. */
export const isOwnMachine = (remoteAddress: string | undefined): boolean =>
  remoteAddress !== undefined && /^(127\.|::1$|::ffff:127\.)/.test(remoteAddress)

/** Images and links of foreign pages carry no origin; browsers name their site in another header, or at least their page. */
function isOwnPage({ origin, referer, 'sec-fetch-site': site }: IncomingHttpHeaders, host: string): boolean {
  if (origin !== undefined && origin !== `http://${host}`) return false
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false
  return referer === undefined || referer === `http://${host}` || referer.startsWith(`http://${host}/`)
}

const bare = (name: string): string => name.replace(/^\[|\]$/g, '')
const isLabel = (name: string): boolean => /^[A-Za-z0-9_-]+$/.test(name)
