import { MillraceError } from '@millrace/base'
import type { TicketBatch, TicketSender } from '@millrace/payments'
import {
  type Address,
  encodeSegmentHeader,
  type ManifestId,
  type OrchestratorInfo,
  type SegData,
  type SessionId,
  type Signer,
  signSegment,
} from '@millrace/wire'

type Call = { readonly signal?: AbortSignal | undefined }
/** Whose payments and segments belong together. */
export type PaidSession = {
  readonly info: OrchestratorInfo
  readonly sessionId: SessionId
  readonly manifestId: ManifestId
}

/**
 * Who signs and pays for a gateway: the key of its own node, or a signer elsewhere that keeps the key.
 * Implemented by `KeyPayments` and by `SignerPayments`.
 */
export type PaymentSource = {
  readonly address: Address
  /** Throws a TicketError when this account cannot pay anybody; a signer elsewhere looks itself. */
  checkFunds(call: Call): Promise<void>
  /** So many tickets of the session's parameters, or more where they cannot be bought singly. Throws when parameters or funds do not allow it. */
  makeTickets(session: PaidSession, count: number, call: Call): Promise<TicketBatch>
  /** The value of Livepeer-Segment. */
  segmentHeader(session: PaidSession, segment: Omit<SegData, 'signature'>, call: Call): Promise<string>
}

/** Payments with the key of this node. */
export class KeyPayments implements PaymentSource {
  readonly #signer: Signer
  readonly #tickets: TicketSender

  constructor(deps: { readonly signer: Signer; readonly tickets: TicketSender }) {
    this.#signer = deps.signer
    this.#tickets = deps.tickets
  }

  get address(): Address {
    return this.#signer.address
  }

  checkFunds(call: Call): Promise<void> {
    return this.#tickets.validateSender(call)
  }

  async makeTickets({ info }: PaidSession, count: number, call: Call): Promise<TicketBatch> {
    if (!info.ticketParams) throw noTicketParams()
    return this.#tickets.createTicketBatch(this.#tickets.startSession(info.ticketParams), count, call)
  }

  async segmentHeader(_: PaidSession, segment: Omit<SegData, 'signature'>): Promise<string> {
    return encodeSegmentHeader(signSegment(this.#signer, segment), this.#signer)
  }
}

export const noTicketParams = (): MillraceError =>
  new MillraceError('no_ticket_params', 'the orchestrator asks a price but tells no ticket parameters')
