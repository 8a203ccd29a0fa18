/** Small, plain facts about a failure; never keys, never raw bytes of a peer. */
export type ErrorMeta = Readonly<Record<string, string | number | bigint | boolean | null | undefined>>

export type ErrorOptions = {
  /** True when the same call may succeed later without anyone changing anything. */
  readonly retryable?: boolean
  readonly cause?: unknown
  readonly meta?: ErrorMeta
}

/**
 * The root of every error that Millrace throws on purpose.
 * Callers branch on `code`, never on the text; the text says what was wrong, what was expected and what to do.
 */
export class MillraceError extends Error {
  readonly code: string
  readonly retryable: boolean
  readonly meta: ErrorMeta

  constructor(code: string, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'MillraceError'
    this.code = code
    this.retryable = options.retryable ?? false
    this.meta = options.meta ?? {}
  }
}

/** True when the value, or anything in its chain of causes, is a MillraceError with this code. */
export function hasCode(error: unknown, code: string): boolean {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 10; at = at.cause, depth++)
    if (at instanceof MillraceError && at.code === code) return true
  return false
}

/** The readable text of anything that was thrown. */
export function errorText(error: unknown): string {
  if (error instanceof Error) return error.message || error.name
  return String(error)
}
