import { type ClientRequest, type IncomingMessage, request as plainRequest, type ServerResponse } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { errorText } from '@millrace/base'
import { sayText, untilGone } from './byoc-answers.ts'
import type { DoorRequest, DoorResponse } from './door.ts'

/** Where a request goes on to. */
export type ProxyTarget = {
  readonly url: string
  /** Put in, whatever the client said under these names. */
  readonly headers: Readonly<Record<string, string>>
  /** Names in lower case that are left out. */
  readonly without?: readonly string[]
  readonly anyCertificate?: boolean
  /** What an address of the app in `Location` becomes. */
  readonly publicUrl?: string | undefined
  /** Until the head of the answer must be there. */
  readonly headTimeoutMs: number
}

/**
 * What became of a request: `failed` when the app did not answer, answered with a 5xx, or broke off; `refused` when the answer may be one
 * of who stands before the app, and not its own.
 */
export type Proxied = 'done' | 'refused' | 'failed' | 'gone'

/** Headers that are of one connection, not of what travels over it. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])

/** Hands a request on, and its answer back, as both come; redirects are the client's business. Never throws. */
export async function proxyRequest(
  request: DoorRequest,
  response: DoorResponse,
  target: ProxyTarget & { readonly signal: AbortSignal },
): Promise<Proxied> {
  const signal = untilGone(response, target.signal)
  const isGone = () => response.destroyed || signal.aborted
  const outgoing = send(request.method ?? 'GET', request, target, {})
  const onAbort = () => outgoing.destroy()
  signal.addEventListener('abort', onAbort, { once: true })
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve)
    outgoing.once('error', reject)
  })
  try {
    // A body that is not taken any more is no failure: the answer counts.
    pipeline(request, outgoing).catch(() => {})
    const answer = await answered
    const status = answer.statusCode ?? 502
    response.writeHead(status, answerHeaders(answer, target))
    if ('flushHeaders' in response) response.flushHeaders()
    await pipeline(answer, response as ServerResponse)
    if (status >= 500 || !answer.complete) return 'failed'
    return isRefusal(answer) ? 'refused' : 'done'
  } catch (error) {
    const ended = target.signal.aborted
    if (response.headersSent || (isGone() && !ended)) {
      response.destroy()
      return isGone() && !ended ? 'gone' : 'failed'
    }
    sayText(response, 502, ended ? errorText(target.signal.reason) : whyUnreachable(error, target))
    return 'failed'
  } finally {
    signal.removeEventListener('abort', onAbort)
    outgoing.destroy()
  }
}

/** Hands a connection on that becomes one of another protocol, such as WebSocket, until either end or the signal ends it. Never throws. */
export async function proxyUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  target: ProxyTarget & { readonly signal: AbortSignal },
): Promise<Proxied> {
  const { signal } = target
  const { connection = 'Upgrade', upgrade = '' } = request.headers
  const outgoing = send(request.method ?? 'GET', request, target, { connection, upgrade })
  const cut = () => {
    outgoing.destroy()
    socket.destroy()
  }
  socket.on('error', cut)
  signal.addEventListener('abort', cut, { once: true })
  try {
    return await new Promise<Proxied>((resolve) => {
      outgoing.once('upgrade', (answer: IncomingMessage, other: Duplex, rest: Buffer) => {
        socket.write(`${headOf(answer, { upgrade: String(answer.headers.upgrade ?? upgrade) })}\r\n`)
        if (rest.length > 0) socket.write(rest)
        if (head.length > 0) other.write(head)
        other.on('error', () => other.destroy())
        other.pipe(socket)
        socket.pipe(other)
        other.once('close', () => socket.destroy())
        socket.once('close', () => {
          other.destroy()
          resolve('done')
        })
      })
      outgoing.once('response', (answer) => {
        socket.write(`${headOf(answer)}connection: close\r\n\r\n`)
        answer.pipe(socket)
        answer.once('close', () => resolve(isRefusal(answer) ? 'refused' : 'failed'))
      })
      outgoing.once('error', (error) => {
        refuseUpgrade(socket, 502, whyUnreachable(error, target))
        resolve(socket.destroyed ? 'gone' : 'failed')
      })
      outgoing.end()
    })
  } finally {
    signal.removeEventListener('abort', cut)
  }
}

/** Answers a request for another protocol with a text. */
export function refuseUpgrade(socket: Duplex, status: number, text: string): void {
  if (socket.destroyed) return
  const body = `${text}\n`
  socket.end(
    `HTTP/1.1 ${status} ${status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

const isRefusal = ({ statusCode = 0, headers }: IncomingMessage): boolean =>
  [400, 402, 403, 409].includes(statusCode) && (headers['content-type'] ?? '').startsWith('text/plain')

function send(
  method: string,
  request: DoorRequest,
  target: ProxyTarget,
  more: Readonly<Record<string, string>>,
): ClientRequest {
  const url = new URL(target.url)
  const headers: Record<string, string | string[]> = {}
  const listed = String(request.headers.connection ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
  const without = new Set([...(target.without ?? []), ...listed, 'host'])
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined && !name.startsWith(':') && !HOP_BY_HOP.has(name) && !without.has(name))
      headers[name] = value
  for (const [name, value] of Object.entries(target.headers)) headers[name.toLowerCase()] = value
  const secure = url.protocol === 'https:'
  const outgoing = (secure ? secureRequest : plainRequest)(url, {
    method,
    headers: { ...headers, ...more },
    agent: false,
    ...(secure && { rejectUnauthorized: !target.anyCertificate }),
  })
  const timer = setTimeout(
    () => outgoing.destroy(new Error(`it did not answer within ${target.headTimeoutMs} ms`)),
    target.headTimeoutMs,
  )
  const settle = () => clearTimeout(timer)
  outgoing.once('response', settle)
  outgoing.once('upgrade', settle)
  outgoing.once('close', settle)
  outgoing.on('error', settle)
  return outgoing
}

function answerHeaders(answer: IncomingMessage, { url, publicUrl }: ProxyTarget): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(answer.headers))
    if (value !== undefined && !HOP_BY_HOP.has(name)) headers[name] = value
  const { location } = answer.headers
  const { origin } = new URL(url)
  // Where the app is is nobody's business, and nobody outside would reach it.
  if (location?.startsWith(`${origin}/`) && publicUrl !== undefined)
    headers.location = `${publicUrl}${location.slice(origin.length)}`
  return headers
}

function headOf(answer: IncomingMessage, more: Readonly<Record<string, string>> = {}): string {
  const lines = [`HTTP/1.1 ${answer.statusCode ?? 502} ${answer.statusMessage ?? ''}`]
  for (let i = 0; i < answer.rawHeaders.length; i += 2) {
    const name = answer.rawHeaders[i] as string
    if (!HOP_BY_HOP.has(name.toLowerCase())) lines.push(`${name}: ${answer.rawHeaders[i + 1]}`)
  }
  if (more.upgrade !== undefined) lines.push('Connection: Upgrade', `Upgrade: ${more.upgrade}`)
  return `${lines.join('\r\n')}\r\n`
}

function whyUnreachable(error: unknown, { url }: ProxyTarget): string {
  const { host, hostname } = new URL(url)
  return `the app cannot be reached: ${errorText(error).replaceAll(host, 'the app').replaceAll(hostname, 'the app')}`
}
