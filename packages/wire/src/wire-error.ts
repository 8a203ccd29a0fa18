import { type ErrorOptions, MillraceError } from '@millrace/base'

/** What can be wrong with something that crossed, or should cross, a socket. */
export type WireErrorCode =
  | 'malformed_message'
  | 'malformed_base64'
  | 'message_too_large'
  | 'too_many_items'
  | 'number_out_of_range'
  | 'integer_too_large'
  | 'wrong_length'
  | 'missing_field'
  | 'unknown_enum_value'
  | 'invalid_duration'
  | 'invalid_text'
  | 'invalid_profile'
  | 'invalid_price'
  | 'invalid_address'
  | 'invalid_capability'
  | 'invalid_signature'
  | 'unencodable'

/** The one class of errors of this package; branch on `code`. Where peers match on a text, `message` is that text. */
export class WireError extends MillraceError {
  declare readonly code: WireErrorCode

  constructor(code: WireErrorCode, message: string, options: ErrorOptions = {}) {
    super(code, message, options)
    this.name = 'WireError'
  }
}
