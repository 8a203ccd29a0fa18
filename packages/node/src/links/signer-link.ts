import { MillraceError, type Rational } from '@millrace/base'
import type { Address, Capabilities, CommitmentDomain, OrchestratorInfo, SegData } from '@millrace/wire'

/** What a signer hands out with a payment and wants back with the session's next one; only the signer reads it. */
export type SignerState = { readonly state: Uint8Array; readonly signature: Uint8Array }

/** What is billed: seconds, the seconds of a 720p picture, one piece of work, or so many pixels. */
export type BillingType = 'live' | 'lv2v' | 'fixed' | ''

/** The most that somebody wants to pay for a unit of the billing type, in wei. */
export type PriceCeiling = { readonly price: Rational; readonly unit: string; readonly currency: string }

/** What a signer is asked to pay for. */
export type PaymentOrder = {
  readonly state?: SignerState | undefined
  /** The terms of the orchestrator that is paid. */
  readonly orchestrator: OrchestratorInfo
  /** Ties payments of a session together; one is made up for a first payment without. */
  readonly manifestId?: string | undefined
  readonly app?: string | undefined
  readonly type: BillingType
  /** Counts only where the type is empty. */
  readonly inPixels: bigint
  readonly maxPrice?: PriceCeiling | undefined
  readonly capabilities?: Capabilities | undefined
}

/** Values of the headers Livepeer-Payment and Livepeer-Segment, ready to be sent. */
export type SignedPayment = { readonly payment: string; readonly segCreds: string; readonly state: SignerState }

/** Whose key a signer keeps, and the signature with which orchestrators are asked for their terms. */
export type SignerIdentity = {
  readonly address: Address
  readonly signature: Uint8Array
  /** The chain and the contract of the tickets; signers of go-livepeer do not tell. */
  readonly domain?: CommitmentDomain | undefined
}

export type DiscoveredOrchestrator = { readonly address: string; readonly capabilities: readonly string[] }

export type SignerCall = {
  readonly signal?: AbortSignal | undefined
  /** Headers of the caller's request, for the service that says whether it may be paid. */
  readonly headers?: Readonly<Record<string, readonly string[]>> | undefined
}

/**
 * How a gateway without a key reaches who has it.
 * Implemented by signer/signer.ts and links/http/signer-client.ts; both throw SignerError.
 */
export type SignerLink = {
  identity(call?: SignerCall): Promise<SignerIdentity>
  generatePayment(order: PaymentOrder, call?: SignerCall): Promise<SignedPayment>
  /** The value of Livepeer-Segment for a segment; a route of Millrace. */
  signSegment(
    order: { readonly segment: Omit<SegData, 'signature'>; readonly state?: SignerState | undefined },
    call?: SignerCall,
  ): Promise<string>
  /** Orchestrators that are not too dear, with all or any of these capabilities. */
  discover(capabilities: readonly string[], call?: SignerCall): Promise<readonly DiscoveredOrchestrator[]>
}

/** Statuses of go-livepeer's signer that its gateways branch on. */
export const SIGNER_STATUS = { refreshSession: 480, priceExceeded: 481, noTickets: 482 } as const

export type SignerErrorCode =
  | 'bad_order'
  | 'bad_state'
  | 'bad_segment'
  | 'refresh_session'
  | 'price_exceeded'
  | 'no_tickets'
  | 'too_many_tickets'
  | 'spending_limit'
  | 'not_authorised'
  | 'auth_webhook_failed'
  | 'auth_id_changed'
  | 'cannot_pay'
  | 'no_discovery'
  | 'signer_busy'
  | 'signer_unreachable'
  | 'signer_refused'
  | 'signs_no_segments'

/** Why a signer did not sign. The status is that of its HTTP answer. */
export class SignerError extends MillraceError {
  declare readonly code: SignerErrorCode
  readonly status: number

  constructor(
    code: SignerErrorCode,
    status: number,
    message: string,
    options: { readonly cause?: unknown; readonly retryable?: boolean; readonly meta?: MillraceError['meta'] } = {},
  ) {
    super(code, message, options)
    this.name = 'SignerError'
    this.status = status
  }
}
