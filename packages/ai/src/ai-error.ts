import { type ErrorOptions, MillraceError } from '@millrace/base'

/** What can go wrong with an AI job, with the status that HTTP answers. */
const STATUS = {
  /** A field or a file is missing or wrong; the text names it. */
  ai_bad_request: 400,
  /** The gateway takes jobs with a key only, and this is none of its own. */
  ai_key_refused: 401,
  /** The key may not spend so much today. */
  ai_spend_limit: 402,
  /** The body is larger than the pipeline takes. */
  ai_too_large: 413,
  /** The body, or a file in it, is of a kind that the pipeline does not take. */
  ai_media_type: 415,
  /** The key sends more than it may; `retryAfterS` says when it may again. */
  ai_rate_limited: 429,
  /** Nobody here runs the model; the text says how to add one. */
  ai_no_runner: 503,
  /** Everybody who runs the model is busy or still loading. */
  ai_no_capacity: 503,
  /** The runner answered that the job failed, or went away. */
  ai_runner_failed: 500,
  /** The job took longer than it may. */
  ai_timed_out: 504,
} as const

export type AiErrorCode = keyof typeof STATUS

export const isAiErrorCode = (code: string): code is AiErrorCode => Object.hasOwn(STATUS, code)

/** An AI job that failed; `status` is what HTTP answers. */
export class AiError extends MillraceError {
  readonly status: number

  constructor(code: AiErrorCode, message: string, options: ErrorOptions = {}) {
    super(code, message, options)
    this.name = 'AiError'
    this.status = STATUS[code]
  }
}
