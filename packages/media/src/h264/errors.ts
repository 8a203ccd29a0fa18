import { type ErrorMeta, MillraceError } from '@millrace/base'

/** Media bytes that do not follow their format; never retryable, because the same bytes fail again. */
export class BadMediaError extends MillraceError {
  constructor(code: string, message: string, meta: ErrorMeta = {}) {
    super(code, message, { meta })
    this.name = 'BadMediaError'
  }
}
