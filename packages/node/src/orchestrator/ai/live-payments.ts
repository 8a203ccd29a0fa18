import { errorText, type Log } from '@millrace/base'
import type { Balances, TicketRecipient } from '@millrace/payments'
import {
  type AuthToken,
  decodePaymentHeader,
  encodeOrchestratorInfo,
  encodePaymentResult,
  manifestId,
  type Payment,
  parseAddress,
  priceFromRational,
  type SegData,
  sessionId,
  type TellEvent,
  ZERO_ADDRESS,
} from '@millrace/wire'
import type { AuthTokens } from '@millrace/wire/node'
import type { PaymentService } from '../../links/ai-links.ts'
import type { Refusal, SegmentHeaders } from '../../links/orchestrator-service.ts'
import type { SegmentAdmission } from '../segment-admission.ts'
import type { Terms } from '../terms.ts'
import { wholeWei } from '../whole-wei.ts'

export type LivePaymentsDeps = {
  readonly admission: Pick<SegmentAdmission, 'verify'>
  readonly terms: Pick<Terms, 'infoAbout' | 'infoFor'>
  readonly tokens: AuthTokens
  /** Undefined off chain. */
  readonly recipient: TicketRecipient | undefined
  readonly balances: Balances
  readonly serviceUri: () => string
  readonly tell: TellEvent
  readonly log: Log
}

/**
 * Payments that come without work: what is live is paid for as time goes by (wire spec 3.5).
 * They are credited to the account that the signed headers name, and answered with fresh terms.
 */
export class LivePayments implements PaymentService {
  readonly #deps: LivePaymentsDeps

  constructor(deps: LivePaymentsDeps) {
    this.#deps = deps
  }

  /** The body of the answer to `/payment`: a PaymentResult with the caller's own token. */
  async take(headers: SegmentHeaders): Promise<Uint8Array | Refusal> {
    const { admission, terms, recipient, balances, tell, log } = this.#deps
    let payment: Payment | undefined
    try {
      payment = decodePaymentHeader(headers.payment)
    } catch (error) {
      return { status: 402, text: errorText(error) }
    }
    const sender = payment?.sender ?? ZERO_ADDRESS
    let segment: SegData
    try {
      segment = admission.verify(headers.segment, sender, { session: false })
    } catch (error) {
      return { status: 403, text: errorText(error) }
    }
    const token = segment.authToken as AuthToken
    try {
      const info = await terms.infoAbout(sender, token, segment.capabilities)
      const account = sessionId(segment.manifestId)
      if (payment && recipient) {
        const origin = { manifestId: segment.manifestId, seq: segment.seq, sessionId: account }
        const received = await recipient.receivePayment(payment, { origin })
        const balance = balances.credit(sender, account, received.credit)
        if (received.accepted > 0)
          tell({
            type: 'payment_received',
            ...{ manifestId: segment.manifestId, seq: segment.seq, sender, sessionId: account },
            ...{ tickets: received.accepted, creditWei: wholeWei(received.credit), balanceWei: wholeWei(balance) },
          })
        if (received.error) return { status: 400, text: received.error.message }
        if (received.accepted > 0 && received.expectedPrice)
          balances.setFixedPrice(sender, account, received.expectedPrice)
      }
      return encodePaymentResult({ info })
    } catch (error) {
      log.warn('a payment could not be answered', { sender, error: errorText(error) })
      return { status: 500, text: 'Internal Server Error' }
    }
  }

  /** Fresh terms at the price that was agreed on for an account; 409 where none was. */
  async refresh(body: unknown): Promise<Readonly<Record<string, string>> | Refusal> {
    const { terms, tokens, balances, serviceUri } = this.#deps
    const { sender, manifest_id: id } = (body ?? {}) as { readonly sender?: unknown; readonly manifest_id?: unknown }
    if (
      typeof sender !== 'string' ||
      !/^0x[0-9a-fA-F]{40}$/.test(sender) ||
      typeof id !== 'string' ||
      id === '' ||
      id.length > 256
    )
      return { status: 400, text: 'sender and manifest_id are expected' }
    const gateway = parseAddress(sender)
    const price = balances.fixedPrice(gateway, sessionId(id))
    if (!price) return { status: 409, text: 'no price was agreed on for this manifest_id' }
    const info = await terms.infoFor(gateway, tokens.issue(sessionId(id)), priceFromRational(price))
    return {
      payment_params: Buffer.from(encodeOrchestratorInfo(info)).toString('base64'),
      orchestrator: serviceUri(),
      manifest_id: manifestId(id),
      payment_url: new URL('/payment', serviceUri()).href,
    }
  }
}
