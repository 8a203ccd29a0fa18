import type { IncomingHttpHeaders } from 'node:http'
import { errorText, MillraceError } from '@millrace/base'
import { encodeLiveMessage, type LiveMessage, LiveMessageReader } from '@millrace/wire'
import { readBody } from './read-body.ts'
import type { SecureClient } from './secure-fetch.ts'

/** A segment under way to an orchestrator. */
export type LiveRequest = {
  /** Resolves when the connection can take more. Does nothing once the answer has ended. */
  write(message: LiveMessage): Promise<void>
  /** Bytes as they are, for tests of what no gateway sends. */
  writeRaw(bytes: Uint8Array): void
  /** The last message is written. */
  end(): void
  /** Resolves with what was answered: a refusal's text, or the whole conversation. Rejects when the connection breaks. */
  readonly answered: Promise<{ readonly status: number; readonly text: string }>
}

export type LiveRequestOptions = {
  readonly headers: Readonly<Record<string, string>>
  /** Until the head of the answer must be there. */
  readonly headTimeoutMs: number
  /** Of all that comes back. */
  readonly maxBytes: number
  readonly signal: AbortSignal
  /** The other side has accepted. */
  readonly opened?: (headers: IncomingHttpHeaders) => void
  /** Is given each message as it arrives; what it throws ends the request. */
  readonly message: (message: LiveMessage) => void
}

const MAX_REFUSAL_BYTES = 4_096

/** Opens a request whose body and answer run at the same time; errors as those of `SecureClient.fetch`. */
export function openLiveRequest(http: SecureClient, url: string, options: LiveRequestOptions): LiveRequest {
  const { headers, headTimeoutMs, maxBytes, signal } = options
  const { origin } = new URL(url)
  const outgoing = http.request(url, { method: 'POST', headers })
  outgoing.setNoDelay(true)
  // The other side may speak first.
  outgoing.flushHeaders()
  let over = false
  let wake: () => void = () => {}
  const answered = new Promise<{ readonly status: number; readonly text: string }>((resolve, reject) => {
    const finish = (error?: unknown, answer?: { readonly status: number; readonly text: string }) => {
      if (over) return
      over = true
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      wake()
      if (!answer) outgoing.destroy()
      if (answer) resolve(answer)
      else reject(error)
    }
    const onAbort = () => finish(signal.reason)
    const timer = setTimeout(
      () =>
        finish(
          new MillraceError('peer_timeout', `header timeout: ${origin} did not answer within ${headTimeoutMs} ms`, {
            retryable: true,
          }),
        ),
      headTimeoutMs,
    )
    outgoing.on('error', (cause) =>
      finish(
        new MillraceError('peer_unreachable', `${origin} cannot be reached: ${errorText(cause)}`, {
          cause,
          retryable: true,
        }),
      ),
    )
    outgoing.on('drain', () => wake())
    outgoing.on('response', (incoming) => {
      clearTimeout(timer)
      const status = incoming.statusCode ?? 0
      if (status !== 200) {
        // A refused body is not sent to its end.
        readBody(incoming, { maxBytes: MAX_REFUSAL_BYTES, timeoutMs: headTimeoutMs, signal }).then(
          (bytes) => {
            finish(undefined, { status, text: Buffer.from(bytes).toString('utf8').trim() })
            outgoing.destroy()
          },
          (error) => finish(error),
        )
        return
      }
      options.opened?.(incoming.headers)
      const reader = new LiveMessageReader()
      let length = 0
      incoming.on('data', (bytes: Uint8Array) => {
        length += bytes.length
        try {
          if (length > maxBytes)
            throw new MillraceError('body_too_large', `the answer is larger than ${maxBytes} bytes`)
          for (const message of reader.push(bytes)) options.message(message)
        } catch (error) {
          finish(error)
        }
      })
      incoming.once('end', () => finish(undefined, { status, text: '' }))
      incoming.once('close', () =>
        finish(
          new MillraceError('body_truncated', `${origin} closed the connection in the middle of the answer`, {
            retryable: true,
          }),
        ),
      )
    })
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
  })
  answered.catch(() => {})
  return {
    answered,
    write: async (message) => {
      if (over || outgoing.destroyed) return
      if (outgoing.write(encodeLiveMessage(message))) return
      await new Promise<void>((resolve) => {
        wake = resolve
        if (over) resolve()
      })
    },
    writeRaw: (bytes) => void outgoing.write(bytes),
    end: () => {
      if (!over) outgoing.end()
    },
  }
}
