import type { ClientRequest, IncomingHttpHeaders } from 'node:http'
import { Agent, request } from 'node:https'
import { errorText, MillraceError } from '@millrace/base'
import { readBody } from './read-body.ts'

export type SecureResponse = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Uint8Array
  /** From the start of the request to the first byte of the answer's head. */
  readonly headMs: number
}

export type SecureRequest = {
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** Until the head of the answer must be there. */
  readonly headTimeoutMs: number
  /** Until the whole answer must be there. */
  readonly timeoutMs: number
  readonly maxBytes: number
  readonly signal?: AbortSignal | undefined
}

/**
 * HTTP over TLS between nodes. Certificates are self-signed throughout the network, so they are not validated;
 * who answers is known by signatures (wire spec, trap 15). One client belongs to one owner, who closes it.
 */
export class SecureClient {
  readonly #agent = new Agent({
    keepAlive: true,
    keepAliveMsecs: 30_000,
    maxSockets: 64,
    rejectUnauthorized: false,
    timeout: 60_000,
  })

  /** Sends a request and reads the whole answer; throws retryable MillraceErrors `peer_unreachable`, `peer_timeout`, `body_…`. */
  async fetch(url: string, options: SecureRequest): Promise<SecureResponse> {
    const { method = options.body ? 'POST' : 'GET', body, signal } = options
    const began = performance.now()
    const { origin } = new URL(url)
    return new Promise((resolve, reject) => {
      const outgoing = this.request(url, {
        method,
        headers: { ...options.headers, ...(body ? { 'content-length': String(body.length) } : {}) },
      })
      const fail = (error: unknown) => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
        outgoing.destroy()
        reject(error)
      }
      const onAbort = () => fail(signal?.reason ?? new Error('aborted'))
      const timer = setTimeout(
        () =>
          fail(
            new MillraceError(
              'peer_timeout',
              `header timeout: ${origin} did not answer within ${options.headTimeoutMs} ms`,
              { retryable: true },
            ),
          ),
        options.headTimeoutMs,
      )
      outgoing.on('error', (cause) =>
        fail(
          new MillraceError('peer_unreachable', `${origin} cannot be reached: ${errorText(cause)}`, {
            cause,
            retryable: true,
          }),
        ),
      )
      outgoing.on('response', (incoming) => {
        clearTimeout(timer)
        const headMs = Math.round(performance.now() - began)
        readBody(incoming, {
          maxBytes: options.maxBytes,
          timeoutMs: Math.max(1, options.timeoutMs - headMs),
          signal,
        }).then(
          (bytes) => {
            signal?.removeEventListener('abort', onAbort)
            resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: bytes, headMs })
          },
          (error) => fail(error),
        )
      })
      signal?.addEventListener('abort', onAbort, { once: true })
      if (signal?.aborted) return onAbort()
      outgoing.end(body)
    })
  }

  /** A request whose body and answer the caller handles. */
  request(
    url: string,
    options: { readonly method: string; readonly headers: Readonly<Record<string, string>> },
  ): ClientRequest {
    return request(url, { ...options, agent: this.#agent, maxHeaderSize: 1 << 20 })
  }

  close(): void {
    this.#agent.destroy()
  }
}
