import { Readable } from 'node:stream'
import { errorText, MillraceError } from '@millrace/base'
import { readBody } from '../links/http/read-body.ts'

export type FetchJsonOptions = {
  readonly timeoutMs: number
  readonly maxBytes: number
  /** Sent as JSON with POST; without one it is a GET. */
  readonly body?: unknown
}

/**
 * Asks an address that the operator named, and reads its answer as JSON; an empty answer is undefined.
 * Redirects are not followed, and neither time nor size is unlimited. Throws `webhook_unreachable`, `webhook_refused`, `bad_webhook_answer` or `body_…`.
 */
export async function fetchJson(url: string, options: FetchJsonOptions): Promise<unknown> {
  const { timeoutMs, maxBytes, body } = options
  const until = Date.now() + timeoutMs
  let response: Response
  try {
    response = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      ...(body !== undefined && {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    })
  } catch (cause) {
    throw new MillraceError('webhook_unreachable', `it does not answer: ${errorText(cause)}`, {
      cause,
      retryable: true,
    })
  }
  if (!response.ok) {
    await response.body?.cancel()
    throw new MillraceError('webhook_refused', `it answered ${response.status}`, { meta: { status: response.status } })
  }
  if (!response.body) return undefined
  const bytes = await readBody(Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]), {
    maxBytes,
    timeoutMs: Math.max(1, until - Date.now()),
  })
  if (bytes.length === 0) return undefined
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (cause) {
    throw new MillraceError('bad_webhook_answer', 'it did not answer with JSON', { cause })
  }
}
