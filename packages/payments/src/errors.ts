import { type ErrorOptions, MillraceError } from '@millrace/base'

export type TicketErrorCode =
  // The recipient's checks.
  | 'invalid_recipient'
  | 'invalid_sender'
  | 'invalid_recipient_rand'
  | 'invalid_ticket_signature'
  | 'nonce_seen'
  | 'too_many_nonces'
  | 'ticket_params_expired'
  | 'sender_unlocking'
  | 'insufficient_sender_reserve'
  | 'invalid_expected_price'
  | 'orchestrator_inactive'
  // The sender's checks.
  | 'no_expiration_block'
  | 'ticket_ev_too_high'
  | 'face_value_too_low'
  | 'total_ev_too_high'
  | 'face_value_too_high'
  | 'no_sender_reserve'
  | 'no_sender_deposit'
  | 'unknown_session'
  | 'missing_price'
  | 'price_doubled'

/** Why a ticket, its parameters or its sender was refused. The message is the text peers of upstream know. */
export class TicketError extends MillraceError {
  declare readonly code: TicketErrorCode
  /** True when the rest of the payment must not be looked at. */
  readonly fatal: boolean

  constructor(code: TicketErrorCode, message: string, options: ErrorOptions & { readonly fatal?: boolean } = {}) {
    super(code, message, options)
    this.name = 'TicketError'
    this.fatal = options.fatal ?? false
  }
}

/** True when the gateway itself cannot pay, so that its stream ends and no other orchestrator is tried. */
export const isSenderValidationError = (error: unknown): boolean =>
  error instanceof TicketError && SENDER_VALIDATION.has(error.code)

const SENDER_VALIDATION: ReadonlySet<string> = new Set(['no_sender_reserve', 'no_sender_deposit', 'sender_unlocking'])
