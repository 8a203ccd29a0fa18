import type { ServerResponse } from 'node:http'
import { AiError, ComputeError } from '@millrace/ai'
import { hasCode, MillraceError } from '@millrace/base'
import type { DoorRequest, DoorResponse } from './door.ts'
import { readBody } from './read-body.ts'

/** Answers with a text, as Go's servers do. */
export function sayText(
  response: DoorResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  sayBytes(response, status, Buffer.from(`${text}\n`), { 'content-type': 'text/plain; charset=utf-8', ...headers })
}

export function sayBytes(
  response: DoorResponse,
  status: number,
  body: Uint8Array,
  headers: Readonly<Record<string, string>>,
): void {
  if (response.destroyed) return
  response.writeHead(status, { ...headers, 'content-length': String(body.length) })
  response.end(body)
}

/** Answers what went wrong: a ComputeError with its status, a body that is too large or too slow with its own. */
export function sayError(request: DoorRequest, response: DoorResponse, error: unknown): void {
  request.resume()
  if (response.headersSent) return void response.destroy()
  const { retryAfterS } = error instanceof MillraceError ? error.meta : {}
  sayText(response, statusOf(error), error instanceof MillraceError ? error.message : 'Internal Server Error', {
    ...(hasCode(error, 'ai_key_refused') && { 'www-authenticate': 'Bearer' }),
    ...(retryAfterS !== undefined && { 'retry-after': String(retryAfterS) }),
  })
}

export function statusOf(error: unknown): number {
  if (error instanceof ComputeError || error instanceof AiError) return error.status
  if (hasCode(error, 'body_too_large')) return 413
  if (hasCode(error, 'body_timeout')) return 408
  return hasCode(error, 'body_truncated') ? 400 : 500
}

/** Aborts when the other end goes away before it was answered, or when the node stops. */
export function untilGone(response: DoorResponse, stopping: AbortSignal): AbortSignal {
  const gone = new AbortController()
  response.on('close', () => {
    // Over HTTP/2 an answer that was cut off counts as finished, but it did not end.
    if (!response.writableEnded)
      gone.abort(new MillraceError('peer_gone', 'the other end went away', { retryable: true }))
  })
  return AbortSignal.any([gone.signal, stopping])
}

/** The body as text; throws `body_…`. */
export async function readText(request: DoorRequest, maxBytes: number, timeoutMs: number): Promise<string> {
  return Buffer.from(await readBody(request, { maxBytes, timeoutMs })).toString('utf8')
}

/** Server-sent events go on at the pace of the slower end: resolves when there is room for more. */
export function writeOn(response: DoorResponse, chunk: string | Uint8Array): Promise<void> | undefined {
  const full = !(response as ServerResponse).write(chunk)
  if (!full || response.destroyed) return undefined
  return new Promise((resolve) => {
    const on = () => {
      response.off('drain', on)
      response.off('close', on)
      resolve()
    }
    response.on('drain', on)
    response.on('close', on)
  })
}
