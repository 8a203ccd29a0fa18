import { type Address, type SignatureVerifier, verifyHashMessage, ZERO_ADDRESS } from '@millrace/wire'
import { TicketError } from './errors.ts'
import { recipientRandHash, type Ticket, ticketHash } from './ticket.ts'
import { isWinning } from './winProb.ts'

/** The checks of a ticket that need no memory. */
export class TicketValidator {
  readonly #verifier: SignatureVerifier

  constructor(deps: { readonly verifier: SignatureVerifier }) {
    this.#verifier = deps.verifier
  }

  /** Throws the first fault of the ticket; all but a wrong signature are fatal for its payment. */
  validateTicket(recipient: Address, ticket: Ticket, signature: Uint8Array, recipientRand: bigint): void {
    // pm spec, "Ticket validation": the recipient only accepts tickets addressed to itself.
    if (ticket.recipient !== recipient)
      throw new TicketError('invalid_recipient', 'invalid ticket recipient', {
        fatal: true,
        meta: { ticket: ticket.recipient, self: recipient },
      })
    if (ticket.sender === ZERO_ADDRESS)
      throw new TicketError('invalid_sender', 'invalid ticket sender', { fatal: true })
    if (recipientRandHash(recipientRand) !== ticket.recipientRandHash)
      throw new TicketError('invalid_recipient_rand', 'invalid recipientRand for ticket recipientRandHash', {
        fatal: true,
      })
    if (!verifyHashMessage(this.#verifier, ticket.sender, ticketHash(ticket), signature))
      throw new TicketError('invalid_ticket_signature', 'invalid ticket signature')
  }

  /** True when the ticket won. */
  isWinning(ticket: Ticket, signature: Uint8Array, recipientRand: bigint): boolean {
    return isWinning(signature, recipientRand, ticket.winProb)
  }
}
