import { MillraceError } from '@millrace/base'
import { encodeGoJson } from '@millrace/wire'
import type { Parameters } from './parameters.ts'

/** What an operator's request is answered with. */
export type Reply = {
  readonly status: number
  readonly type: string
  readonly body: string | Uint8Array
}

export type RouteCall = {
  readonly path: string
  readonly parameters: Parameters
  /** Aborts when the node stops. */
  readonly signal: AbortSignal
}

/** Answers one path. Methods are not told apart, because go-livepeer does not either (wire spec 7). */
export type Route = (call: RouteCall) => Reply | Promise<Reply>

/** Routes by their path, `/status` for example; one that ends with a slash answers for all paths below. */
export type Routes = Readonly<Record<string, Route>>

/** A request that cannot be served; its text is the answer, as text/plain with this status. */
export class ApiError extends MillraceError {
  readonly status: number

  constructor(status: 400 | 403 | 404 | 500 | 501 | 503, message: string, options: { readonly cause?: unknown } = {}) {
    super(status < 500 ? 'bad_request' : 'request_failed', message, options)
    this.name = 'ApiError'
    this.status = status
  }
}

export const text = (body: string, status = 200): Reply => ({ status, type: 'text/plain; charset=utf-8', body })
export const done: Reply = text('')
export const bytes = (body: Uint8Array): Reply => ({ status: 200, type: 'application/octet-stream', body })
/** JSON as Go writes it: a bigint is a number, however large. */
export const json = (value: unknown, status = 200): Reply => ({
  status,
  type: 'application/json',
  body: encodeGoJson(value),
})
