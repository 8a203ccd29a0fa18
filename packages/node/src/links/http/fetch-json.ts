import { Readable } from 'node:stream'
import { errorText, MillraceError } from '@millrace/base'
import { encodeGoJson } from '@millrace/wire'
import { readBody } from './read-body.ts'

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
  const until = Date.now() + timeoutMs
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
  const bytes = await readBody(Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]), {
    maxBytes,
    timeoutMs: Math.max(1, until - Date.now()),
    signal,
  })
  if (bytes.length === 0) return undefined
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (cause) {
    throw new MillraceError('bad_webhook_answer', 'it did not answer with JSON', { cause })
  }
}
