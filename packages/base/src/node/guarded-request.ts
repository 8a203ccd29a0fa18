import { type IncomingMessage, request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { errorText, MillraceError } from '../errors.ts'
import { addressesOf, type HostAddress } from './private-addresses.ts'

export type GuardedOptions = {
  /** True, or a list of hosts, where the operator said that addresses may lead into private networks. */
  readonly allowPrivate: boolean | readonly string[]
  readonly headers?: Readonly<Record<string, string>>
  /** Until the head of the answer must be there, redirects included. Default 10 s. */
  readonly headTimeoutMs?: number
  /** The longest silence within the answer. Default 15 s. */
  readonly idleTimeoutMs?: number
  /** Until the whole answer must be there; without one a live answer may go on for ever. */
  readonly timeoutMs?: number
  /** Bytes of the answer; without one a live answer may go on for ever. */
  readonly maxBytes?: number
  /** Default 5. */
  readonly maxRedirects?: number
  readonly signal?: AbortSignal | undefined
  /** How names are looked up; the system's way by default. */
  readonly resolve?: (host: string) => Promise<readonly HostAddress[]>
}

export type GuardedResponse = {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  /** Where the answer came from at last, after redirects. */
  readonly url: string
  /** Throws `body_too_large`, `body_timeout` or `body_truncated`; leaving the loop ends the request. */
  readonly body: AsyncIterable<Uint8Array>
  /** Gives up an answer that is not read. */
  cancel(): void
}

/**
 * Fetches a web address that somebody else named. Only http and https; the name is looked up once and just that address is
 * connected to; each redirect is checked as the first address was; compressed answers are refused, as a small one can unpack to any size.
 * Throws `address_kind_refused`, `private_address`, `unknown_host`, `too_many_redirects`, `address_unreachable`, `address_refused` or `compressed_answer`.
 */
export async function guardedRequest(url: string, options: GuardedOptions): Promise<GuardedResponse> {
  const until = performance.now() + (options.headTimeoutMs ?? 10_000)
  const began = performance.now()
  let at = url
  for (let redirects = 0; ; redirects++) {
    options.signal?.throwIfAborted()
    const target = webAddress(at)
    const { allowPrivate } = options
    const addresses = await addressesOf(target.hostname, {
      ...options,
      allowPrivate: typeof allowPrivate === 'boolean' ? allowPrivate : allowPrivate.includes(target.hostname),
    })
    const answer = await send(target, addresses, Math.max(1, until - performance.now()), options)
    const status = answer.statusCode ?? 0
    const { location } = answer.headers
    if (status < 300 || status > 399 || status === 304 || location === undefined)
      return responseOf(answer, target, { ...options, began })
    answer.destroy()
    if (redirects >= (options.maxRedirects ?? 5))
      throw new MillraceError(
        'too_many_redirects',
        `${nameOf(url)} redirects more than ${options.maxRedirects ?? 5} times`,
      )
    at = resolveAgainst(location, target)
  }
}

/** The whole answer as text; throws as `guardedRequest` does, and `body_…`. */
export async function guardedText(
  url: string,
  options: GuardedOptions & { readonly maxBytes: number; readonly timeoutMs: number },
): Promise<{ readonly text: string; readonly url: string }> {
  const answer = await guardedRequest(url, options)
  const chunks: Uint8Array[] = []
  for await (const chunk of answer.body) chunks.push(chunk)
  return { text: Buffer.concat(chunks).toString('utf8'), url: answer.url }
}

function webAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new MillraceError(
    'address_kind_refused',
    `${url ? `${url.protocol.slice(0, -1)} addresses are` : 'what is no address is'} not fetched: name an http or https address`,
  )
}

const resolveAgainst = (location: string, base: URL): string =>
  URL.canParse(location, base.href) ? new URL(location, base).href : location

/** Queries may hold secrets. */
const nameOf = (url: string | URL): string => {
  const { protocol, host, pathname } = new URL(String(url))
  return `${protocol}//${host}${pathname}`
}

function send(
  target: URL,
  addresses: readonly HostAddress[],
  timeoutMs: number,
  options: GuardedOptions,
): Promise<IncomingMessage> {
  // Whatever the name leads to by now: only what was looked at is connected to.
  const lookup: LookupFunction = (_host, { all }, done) => {
    const first = addresses[0]
    if (!first) return done(new Error('no address'), '', 4)
    if (all) done(null, addresses as { address: string; family: number }[])
    else done(null, first.address, first.family)
  }
  const request: typeof plainRequest = target.protocol === 'https:' ? secureRequest : plainRequest
  return new Promise((resolve, reject) => {
    const outgoing = request(target, {
      method: 'GET',
      agent: false,
      lookup,
      maxHeaderSize: 64 * 1024,
      headers: { 'user-agent': 'Millrace', ...options.headers, 'accept-encoding': 'identity' },
    })
    const fail = (cause: unknown, why: string) => {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', onAbort)
      outgoing.destroy()
      reject(
        options.signal?.aborted
          ? options.signal.reason
          : new MillraceError('address_unreachable', `${nameOf(target)} ${why}`, { cause, retryable: true }),
      )
    }
    const onAbort = () => fail(options.signal?.reason, 'was given up')
    const timer = setTimeout(() => fail(undefined, 'does not answer in time'), timeoutMs)
    outgoing.on('error', (cause) => fail(cause, `cannot be reached: ${errorText(cause)}`))
    outgoing.on('response', (incoming) => {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', onAbort)
      resolve(incoming)
    })
    options.signal?.addEventListener('abort', onAbort, { once: true })
    outgoing.end()
  })
}

function responseOf(
  incoming: IncomingMessage,
  target: URL,
  options: GuardedOptions & { readonly began: number },
): GuardedResponse {
  const status = incoming.statusCode ?? 0
  const { maxBytes } = options
  const refuse = (error: MillraceError): never => {
    incoming.destroy()
    throw error
  }
  if (status < 200 || status > 299)
    refuse(
      new MillraceError('address_refused', `${nameOf(target)} answered ${status}`, {
        retryable: status >= 500 || status === 404 || status === 429,
        meta: { status },
      }),
    )
  const encoding = incoming.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity')
    refuse(
      new MillraceError('compressed_answer', `${nameOf(target)} answered compressed though it was asked not to`, {
        meta: { encoding: encoding.slice(0, 20) },
      }),
    )
  const length = Number(incoming.headers['content-length'])
  if (maxBytes !== undefined && length > maxBytes)
    refuse(new MillraceError('body_too_large', `the body is larger than ${maxBytes} bytes`))
  return {
    status,
    headers: incoming.headers,
    url: target.href,
    body: bounded(incoming, options),
    cancel: () => void incoming.destroy(),
  }
}

async function* bounded(
  incoming: IncomingMessage,
  options: GuardedOptions & { readonly began: number },
): AsyncGenerator<Uint8Array> {
  const { maxBytes, timeoutMs, signal } = options
  const late = () =>
    incoming.destroy(new MillraceError('body_timeout', 'the answer did not come in time', { retryable: true }))
  incoming.setTimeout(options.idleTimeoutMs ?? 15_000, late)
  const whole =
    timeoutMs === undefined ? undefined : setTimeout(late, Math.max(1, options.began + timeoutMs - performance.now()))
  const onAbort = () => void incoming.destroy()
  signal?.addEventListener('abort', onAbort, { once: true })
  let length = 0
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      length += chunk.length
      if (maxBytes !== undefined && length > maxBytes)
        throw new MillraceError('body_too_large', `the body is larger than ${maxBytes} bytes`)
      yield chunk
    }
  } catch (cause) {
    if (signal?.aborted) throw signal.reason
    if (cause instanceof MillraceError) throw cause
    throw new MillraceError('body_truncated', `the answer broke off: ${errorText(cause)}`, { cause, retryable: true })
  } finally {
    clearTimeout(whole)
    signal?.removeEventListener('abort', onAbort)
    incoming.destroy()
  }
}
