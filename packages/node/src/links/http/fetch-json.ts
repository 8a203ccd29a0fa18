import { concatBytes, errorText, hasCode, MillraceError, withTimeout } from '@millrace/base'
import { encodeGoJson } from '@millrace/wire'

export type FetchJsonOptions = {
  readonly timeoutMs: number
  readonly maxBytes: number
  /** Sent as JSON with POST; without one it is a GET. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly signal?: AbortSignal | undefined
}

export type JsonAnswer = {
  readonly status: number
  readonly header: (name: string) => string | undefined
  /** Undefined where the answer was empty. */
  readonly json: unknown
}

/**
 * Asks an address that the operator named, and reads its answer as JSON; an empty answer is undefined.
 * Redirects are not followed, and neither time nor size is unlimited. Throws `webhook_unreachable`, `webhook_refused`, `bad_webhook_answer` or `body_…`.
 */
export const fetchJson = (url: string, options: FetchJsonOptions): Promise<unknown> =>
  ask(url, options, async (response) => {
    if (response.ok) return readJson(response, options)
    await response.body?.cancel()
    throw new MillraceError('webhook_refused', `it answered ${response.status}`, { meta: { status: response.status } })
  })

/** The same for an address whose refusals are to be read too; an answer that is no JSON is `bad_webhook_answer` only where it is no refusal. */
export const fetchJsonAnswer = (url: string, options: FetchJsonOptions): Promise<JsonAnswer> =>
  ask(url, options, async (response) => {
    const answer = { status: response.status, header: (name: string) => response.headers.get(name) ?? undefined }
    try {
      return { ...answer, json: await readJson(response, options) }
    } catch (error) {
      if (response.ok) throw error
      return { ...answer, json: undefined }
    }
  })

/** One limit in time for the answer and all of its body. */
async function ask<T>(
  url: string,
  { timeoutMs, body, headers, signal }: FetchJsonOptions,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  let answered = false
  const work = async (call: { readonly signal: AbortSignal }) => {
    const response = await fetch(url, {
      redirect: 'manual',
      signal: call.signal,
      ...(headers && { headers }),
      ...(body !== undefined && {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: encodeGoJson(body),
      }),
    })
    answered = true
    return read(response)
  }
  try {
    return await withTimeout(work, { timeoutMs, what: 'the answer', signal })
  } catch (cause) {
    signal?.throwIfAborted()
    const options = { cause, retryable: true }
    if (!answered) throw new MillraceError('webhook_unreachable', `it does not answer: ${errorText(cause)}`, options)
    if (hasCode(cause, 'timeout')) throw new MillraceError('body_timeout', 'the answer did not end in time', options)
    throw cause
  }
}

async function readJson(response: Response, { maxBytes, signal }: FetchJsonOptions): Promise<unknown> {
  if (!response.body) return undefined
  const bytes = await readBytes(response.body, maxBytes).catch((cause) => {
    signal?.throwIfAborted()
    if (cause instanceof MillraceError) throw cause
    throw new MillraceError('body_truncated', `the answer broke off: ${errorText(cause)}`, { cause, retryable: true })
  })
  if (bytes.length === 0) return undefined
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (cause) {
    throw new MillraceError('bad_webhook_answer', 'it did not answer with JSON', { cause })
  }
}

async function readBytes(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const reader = body.getReader()
  const chunks: Uint8Array[] = []
  for (let length = 0; ; ) {
    const { done, value } = await reader.read()
    if (done) return concatBytes(...chunks)
    length += value.length
    chunks.push(value)
    if (length <= maxBytes) continue
    await reader.cancel().catch(() => {})
    throw new MillraceError('body_too_large', `the body is larger than ${maxBytes} bytes`)
  }
}
