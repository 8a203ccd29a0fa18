import { type IncomingMessage, request as plainRequest, type RequestOptions } from 'node:http'
import { request as secureRequest } from 'node:https'
import { errorText, MillraceError } from '@millrace/base'
import { TRICKLE_HEADER } from './headers.ts'

/** How a client reaches a channel. */
export type TrickleTarget = {
  /** Of the channel, without a slash at the end. */
  readonly url: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** True where certificates are self-signed, as those of orchestrators are. */
  readonly anyCertificate?: boolean | undefined
}

/** Opens a request to a path below a channel; nothing is shared between requests, since each may stay open for long. */
export function openRequest(
  { url, headers, anyCertificate = false }: TrickleTarget,
  path: string,
  options: {
    readonly method: string
    readonly headers?: Readonly<Record<string, string>>
    readonly signal: AbortSignal
  },
) {
  const target = new URL(`${url}${path}`)
  const secure = target.protocol === 'https:'
  const given: RequestOptions = {
    method: options.method,
    headers: { ...headers, ...options.headers },
    signal: options.signal,
    agent: false,
    ...(secure && { rejectUnauthorized: !anyCertificate }),
  }
  return (secure ? secureRequest : plainRequest)(target, given)
}

/** The channel is not there, or not any more. */
export const channelGone = (): MillraceError =>
  new MillraceError('channel_not_found', 'there is no such trickle channel: it was never created, or it has ended')

export const unreachable = (cause: unknown): MillraceError =>
  new MillraceError('channel_unreachable', `the trickle server cannot be reached: ${errorText(cause)}`, {
    cause,
    retryable: true,
  })

export const isEnd = (answer: IncomingMessage): boolean => answer.headers[TRICKLE_HEADER.closed] !== undefined

/** A header with a number, where it is one. */
export function numberIn(answer: IncomingMessage, name: string): number | undefined {
  const text = answer.headers[name]
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** The bodyless calls: create, end a segment, end the channel. Resolves with the status. */
export function call(target: TrickleTarget, path: string, options: Parameters<typeof openRequest>[2]): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = openRequest(target, path, options)
    outgoing.on('error', (cause) => reject(options.signal.aborted ? options.signal.reason : unreachable(cause)))
    outgoing.on('response', (answer) => {
      answer.resume()
      answer.on('error', () => {})
      resolve(answer.statusCode ?? 0)
    })
    outgoing.end()
  })
}
