import { lookup } from 'node:dns'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { errorText, hasCode, MillraceError, withTimeout } from '@millrace/base'
import { isPrivateAddress, isPrivateHost } from '@millrace/base/node'
import { readBody } from './read-body.ts'

export type StrangerRequest = {
  readonly method: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  readonly timeoutMs: number
  readonly maxBytes: number
  /** True where addresses of this machine and its network are no secret, as on a network of one's own. */
  readonly allowPrivate: boolean
  /** True where what is read is checked by its hash, and who sends it does not matter. */
  readonly anyCertificate?: boolean
  readonly signal?: AbortSignal | undefined
}

/**
 * Asks an address that a stranger named. Redirects are not followed, and the address that a name leads to is looked at when the
 * connection is made, so that it cannot become another after the check. Throws `private_address`, `bad_web_address`, `peer_unreachable`, `peer_timeout` or `body_…`.
 */
export async function fetchFromStranger(
  address: string,
  options: StrangerRequest,
): Promise<{ readonly status: number; readonly body: Uint8Array }> {
  const { allowPrivate, timeoutMs } = options
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.username !== '')
    throw new MillraceError('bad_web_address', 'the address is not one of http or https')
  if (!allowPrivate && isPrivateHost(address)) throw privateAddress(url.host)
  try {
    return await withTimeout((call) => ask(url, { ...options, ...call }), {
      timeoutMs,
      what: `the answer of ${url.host}`,
      signal: options.signal,
    })
  } catch (cause) {
    options.signal?.throwIfAborted()
    if (hasCode(cause, 'timeout'))
      throw new MillraceError('peer_timeout', `${url.host} did not answer within ${timeoutMs} ms`, { retryable: true })
    if (cause instanceof MillraceError) throw cause
    throw new MillraceError('peer_unreachable', `${url.host} cannot be reached: ${errorText(cause)}`, {
      cause,
      retryable: true,
    })
  }
}

function ask(
  url: URL,
  options: StrangerRequest & { readonly signal: AbortSignal },
): Promise<{ readonly status: number; readonly body: Uint8Array }> {
  const { method, headers, body, maxBytes, timeoutMs, allowPrivate, anyCertificate = false, signal } = options
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    const outgoing = send(url, {
      method,
      headers: { ...headers, ...(body && { 'content-length': String(body.length) }) },
      agent: false,
      signal,
      ...(url.protocol === 'https:' && { rejectUnauthorized: !anyCertificate }),
      ...(!allowPrivate && { lookup: publicLookup }),
    })
    outgoing.on('error', reject)
    outgoing.on('response', (incoming) => {
      readBody(incoming, { maxBytes, timeoutMs, signal }).then(
        (bytes) => resolve({ status: incoming.statusCode ?? 0, body: bytes }),
        (error) => {
          outgoing.destroy()
          reject(error)
        },
      )
    })
    outgoing.end(body)
  })
}

const publicLookup: LookupFunction = (host, options, done) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    if (error) return done(error, '', 0)
    if (addresses.length === 0 || addresses.some(({ address }) => isPrivateAddress(address)))
      return done(privateAddress(host), '', 0)
    if (options.all) return done(null, addresses)
    const [first] = addresses
    done(null, first?.address ?? '', first?.family ?? 0)
  })
}

const privateAddress = (host: string): MillraceError =>
  new MillraceError('private_address', `${host} is a private address, which nobody on the network may name`)
