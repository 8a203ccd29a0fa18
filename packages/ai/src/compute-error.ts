import { type ErrorOptions, MillraceError } from '@millrace/base'

/** What can go wrong with an operator's own app behind the network, with the status that HTTP answers. */
const STATUS = {
  /** A header or a field is missing or wrong; the text names it. */
  compute_bad_request: 400,
  /** The secret, or the token of a session, is not the right one. */
  compute_unauthorized: 401,
  /** The sender has not paid enough. */
  compute_unpaid: 402,
  /** The payment is for another session. */
  compute_forbidden: 403,
  /** There is no such app, session or stream, or it does not work at the moment. */
  compute_not_found: 404,
  /** The session is there already, or takes no payments. */
  compute_conflict: 409,
  /** The body is larger than it may be. */
  compute_too_large: 413,
  /** This part of the interface is not served; the text says what is. */
  compute_not_served: 501,
  /** The app cannot be reached, or broke off. */
  compute_unreachable: 502,
  /** Everybody who has the app is busy. */
  compute_no_capacity: 503,
  /** The app took longer than the caller allowed. */
  compute_timed_out: 504,
} as const

export type ComputeErrorCode = keyof typeof STATUS

/** A call of an operator's own app that failed; `status` is what HTTP answers. */
export class ComputeError extends MillraceError {
  readonly status: number

  constructor(code: ComputeErrorCode, message: string, options: ErrorOptions = {}) {
    super(code, message, options)
    this.name = 'ComputeError'
    this.status = STATUS[code]
  }
}
