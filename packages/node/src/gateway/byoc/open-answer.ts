import type { IncomingMessage } from 'node:http'
import { errorText, MillraceError } from '@millrace/base'
import type { SecureClient } from '../../links/http/secure-fetch.ts'

/**
 * Sends a request to an orchestrator and resolves with the head of its answer, whose body the caller reads or destroys.
 * Throws `peer_unreachable`, `peer_timeout` or the reason of the signal.
 */
export function openAnswer(
  http: Pick<SecureClient, 'request'>,
  url: string,
  sent: {
    readonly method?: string
    readonly headers: Readonly<Record<string, string>>
    readonly body?: Uint8Array | undefined
    readonly headTimeoutMs: number
    readonly signal: AbortSignal
  },
): Promise<{ readonly answer: IncomingMessage }> {
  const { method = 'POST', headers, body = new Uint8Array(0), headTimeoutMs, signal } = sent
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const outgoing = http.request(url, { method, headers: { ...headers, 'content-length': String(body.length) } })
    const { origin } = new URL(url)
    const settle = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
    const onAbort = () => outgoing.destroy()
    const timer = setTimeout(
      () =>
        outgoing.destroy(
          new MillraceError('peer_timeout', `${origin} did not answer within ${headTimeoutMs} ms`, { retryable: true }),
        ),
      headTimeoutMs,
    )
    signal.addEventListener('abort', onAbort, { once: true })
    outgoing.on('error', (cause) => {
      settle()
      if (signal.aborted) return reject(signal.reason)
      if (cause instanceof MillraceError) return reject(cause)
      const text = `${origin} cannot be reached: ${errorText(cause)}`
      reject(new MillraceError('peer_unreachable', text, { cause, retryable: true }))
    })
    outgoing.on('response', (answer) => {
      clearTimeout(timer)
      answer.on('error', () => {})
      // Whoever is served is gone: so is the need for the rest.
      answer.once('close', settle)
      resolve({ answer })
    })
    outgoing.end(body)
  })
}
