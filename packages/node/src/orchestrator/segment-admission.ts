import { errorText, type Log, MillraceError, type Rational } from '@millrace/base'
import type { Balances, TicketRecipient } from '@millrace/payments'
import {
  type Address,
  type AuthToken,
  checkSegDataSeal,
  decodePaymentHeader,
  decodeSegmentHeader,
  includesCapabilities,
  type OrchestratorInfo,
  type Payment,
  PEER_ERROR,
  type SegData,
  type SignatureVerifier,
  type Signer,
  segmentDurationMs,
  type TellEvent,
  verifySegment,
  ZERO_ADDRESS,
} from '@millrace/wire'
import type { AuthTokens } from '@millrace/wire/node'
import type { Refusal, SegmentHeaders } from '../links/orchestrator-service.ts'
import { traceOf } from '../links/trace-context.ts'
import type { SessionTable } from './session-table.ts'
import type { Terms } from './terms.ts'
import { wholeWei } from './whole-wei.ts'

const MAX_RENDITION_PIXELS = 4096 * 4096

export type SegmentAdmissionOptions = {
  /** The expected value of one ticket in wei: the least balance with which a segment is accepted. */
  readonly ticketEv: Rational
}

export type SegmentAdmissionDeps = {
  readonly signer: Signer | undefined
  readonly verifier: SignatureVerifier
  readonly tokens: AuthTokens
  readonly sessions: SessionTable
  /** Undefined off chain. */
  readonly recipient: TicketRecipient | undefined
  readonly balances: Balances
  readonly terms: Terms
  readonly tell: TellEvent
  readonly log: Log
}

/** A segment that may be worked for: its headers are in order and it is paid. */
export type Admitted = {
  readonly segment: SegData
  readonly sender: Address
  readonly token: AuthToken
  readonly info: OrchestratorInfo
  readonly durationMs: number
  readonly traceparent: string | undefined
  readonly receivedAtMs: number
  /** To be called when the work is done or given up. */
  release(): void
}

/** Decides which segments are worked for. The order of checks and the texts are those that gateways know (wire spec 2.2 and 3.2). */
export class SegmentAdmission {
  readonly #options: SegmentAdmissionOptions
  readonly #deps: SegmentAdmissionDeps

  constructor(options: SegmentAdmissionOptions, deps: SegmentAdmissionDeps) {
    this.#options = options
    this.#deps = deps
  }

  /** Checks the headers and takes the payment; `live` says whether they came to the door of live segments. */
  async admit(headers: SegmentHeaders, { live }: { readonly live: boolean }): Promise<Admitted | Refusal> {
    let payment: Payment | undefined
    try {
      payment = decodePaymentHeader(headers.payment)
    } catch (error) {
      return { status: 402, text: errorText(error) }
    }
    const sender = payment?.sender ?? ZERO_ADDRESS
    let segment: SegData
    try {
      segment = this.verify(headers.segment, sender)
      // Who signed for an unknown hash must not be taken at his word for a known one, nor the other way round.
      if ((segment.live ?? false) !== live) throw new MillraceError('segment_signature', PEER_ERROR.segmentSignature)
    } catch (error) {
      return this.refused(undefined, sender, 403, errorText(error))
    }
    const token = segment.authToken as AuthToken
    let info: OrchestratorInfo
    try {
      info = await this.#deps.terms.info(sender, token)
    } catch (error) {
      this.#deps.log.warn('terms for a gateway cannot be made', { sender, error: errorText(error) })
      return { status: 500, text: 'Internal Server Error' }
    }
    const traceparent = traceOf(headers.traceparent)
    const receivedAtMs = Date.now()
    const unpaid = await this.#receivePayment(payment, sender, segment, token, traceparent)
    if (unpaid) return this.refused(segment, sender, 400, unpaid)
    const release = this.#deps.sessions.begin(token.sessionId, sender)
    const durationMs = segmentDurationMs(segment)
    return { segment, sender, token, info, durationMs, traceparent, receivedAtMs, release }
  }

  /** The checks of verifySegCreds, in its order; throws the text that is answered with 403. Jobs without a session of their own take no place among the sessions. */
  verify(
    header: string | undefined,
    sender: Address,
    { session = true }: { readonly session?: boolean } = {},
  ): SegData {
    const { verifier, signer, tokens, sessions } = this.#deps
    let decoded: ReturnType<typeof decodeSegmentHeader>
    try {
      decoded = decodeSegmentHeader(header)
    } catch (cause) {
      const known = cause instanceof MillraceError && cause.code === 'unknown_enum_value'
      throw known ? cause : new MillraceError('segment_encoding', PEER_ERROR.segmentEncoding, { cause })
    }
    const { segment } = decoded
    if (signer) {
      if (!verifySegment(verifier, sender, segment))
        throw new MillraceError('segment_signature', PEER_ERROR.segmentSignature)
      checkSegDataSeal(verifier, sender, { encoded: decoded.encoded, segment })
    }
    segmentDurationMs(segment)
    const wanted = segment.capabilities?.bits ?? 0n
    if (!includesCapabilities(wanted, this.#deps.terms.capabilities))
      throw new MillraceError('incompatible_capabilities', PEER_ERROR.incompatibleCapabilities)
    if (segment.profiles.some(({ width, height }) => width * height > MAX_RENDITION_PIXELS))
      throw new MillraceError('invalid_profile', 'a rendition has at most 4096 x 4096 pixels')
    const fault = tokens.fault(segment.authToken)
    if (fault) {
      const texts = {
        missing: PEER_ERROR.missingAuthToken,
        invalid: PEER_ERROR.invalidAuthToken,
        expired: PEER_ERROR.expiredAuthToken,
      }
      throw new MillraceError('auth_token', texts[fault])
    }
    const { sessionId } = segment.authToken as AuthToken
    if (session && !sessions.has(sessionId) && sessions.full)
      throw new MillraceError('capped', PEER_ERROR.orchestratorCapped)
    return segment
  }

  refused(segment: SegData | undefined, sender: Address, status: number, text: string): Refusal {
    if (segment) {
      const { manifestId, seq } = segment
      this.#deps.tell({ type: 'segment_refused', manifestId, seq, code: text.slice(0, 200), sender })
    }
    this.#deps.log.info('a segment was refused', { sender, status, reason: text })
    return { status, text }
  }

  /** Credits the payment; returns the reason when the segment is not paid for (ProcessPayment, SufficientBalance). */
  async #receivePayment(
    payment: Payment | undefined,
    sender: Address,
    segment: SegData,
    token: AuthToken,
    traceparent: string | undefined,
  ): Promise<string | undefined> {
    const { recipient, balances, tell } = this.#deps
    if (!recipient) return undefined
    const { manifestId, seq } = segment
    const { sessionId } = token
    if (payment) {
      const received = await recipient.receivePayment(payment, { origin: { manifestId, seq, sessionId } })
      const balance = balances.credit(sender, sessionId, received.credit)
      if (received.accepted > 0)
        tell({
          type: 'payment_received',
          manifestId,
          seq,
          sender,
          sessionId,
          tickets: received.accepted,
          creditWei: wholeWei(received.credit),
          balanceWei: wholeWei(balance),
          traceparent,
        })
      if (received.error) return received.error.message
      if (received.expectedPrice) balances.setFixedPrice(sender, sessionId, received.expectedPrice)
    }
    const price = await this.#deps.terms.price(sender, sessionId)
    if (price.pricePerUnit === 0n) return undefined
    return balances.isSufficient(sender, sessionId, this.#options.ticketEv) ? undefined : PEER_ERROR.insufficientBalance
  }
}
