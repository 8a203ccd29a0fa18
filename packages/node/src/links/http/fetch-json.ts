import { concatBytes, errorText, MillraceError } from '@millrace/base'
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
export async function fetchJson(url: string, options: FetchJsonOptions): Promise<unknown> {
  const { response, until } = await request(url, options)
  if (response.ok) return readJson(response, until, options)
  await response.body?.cancel()
  throw new MillraceError('webhook_refused', `it answered ${response.status}`, { meta: { status: response.status } })
}

/** The same for an address whose refusals are to be read too; an answer that is no JSON is `bad_webhook_answer` only where it is no refusal. */
export async function fetchJsonAnswer(url: string, options: FetchJsonOptions): Promise<JsonAnswer> {
  const { response, until } = await request(url, options)
  const answer = { status: response.status, header: (name: string) => response.headers.get(name) ?? undefined }
  try {
    return { ...answer, json: await readJson(response, until, options) }
  } catch (error) {
    if (response.ok) throw error
    return { ...answer, json: undefined }
  }
}

async function request(url: string, options: FetchJsonOptions): Promise<{ response: Response; until: number }> {
  const { timeoutMs, body, headers, signal } = options
  const until = performance.now() + timeoutMs
  const limit = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      ...(headers && { headers }),
      ...(body !== undefined && {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: encodeGoJson(body),
      }),
    })
    return { response, until }
  } catch (cause) {
    if (signal?.aborted) throw signal.reason
    throw new MillraceError('webhook_unreachable', `it does not answer: ${errorText(cause)}`, {
      cause,
      retryable: true,
    })
  }
}

async function readJson(response: Response, until: number, { maxBytes, signal }: FetchJsonOptions): Promise<unknown> {
  if (!response.body) return undefined
  const bytes = await readBytes(response.body, maxBytes).catch((cause) => {
    if (signal?.aborted) throw signal.reason
    if (cause instanceof MillraceError) throw cause
    // The request's own limit in time ends the body too.
    const options = { cause, retryable: true }
    if (performance.now() >= until) throw new MillraceError('body_timeout', 'the answer did not end in time', options)
    throw new MillraceError('body_truncated', `the answer broke off: ${errorText(cause)}`, options)
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
