import {
  addRational,
  floorRational,
  MillraceError,
  multiplyRational,
  type Rational,
  rational,
  subtractRational,
} from '@millrace/base'
import { type TicketBatch, TicketError, ticketEv } from '@millrace/payments'
import { type Address, decodePaymentHeader, priceToRational, type SegData } from '@millrace/wire'
import { SignerError, type SignerIdentity, type SignerLink, type SignerState } from '../links/signer-link.ts'
import { noTicketParams, type PaidSession, type PaymentSource } from './payment-source.ts'

type Call = { readonly signal?: AbortSignal | undefined }

/** A signer makes no more in one call (wire spec 2.7). */
const MAX_TICKETS_PER_ORDER = 100
const MAX_SESSIONS = 10_000

/** What is carried from one payment of a session to the next. */
type Carried = {
  state?: SignerState
  /** What the signer reckons with: the price of the session's first payment. */
  price?: Rational
  /** What tickets were worth beyond the pixels that were named, in wei: the signer has it in its state too. */
  rest: Rational
  /** The payment under way: nonces count on from it, so the next one waits. */
  last: Promise<unknown>
}

/**
 * Payments by a signer elsewhere, so that no key is on this machine.
 * The protocol sells pixels, while a gateway knows how many tickets it lacks: it names as many pixels as just these tickets pay for,
 * so that its own ledger, which counts what was really delivered, stays the one that holds.
 */
export class SignerPayments implements PaymentSource {
  readonly #link: SignerLink
  readonly #identity: SignerIdentity
  readonly #sessions = new Map<string, Carried>()

  constructor(deps: { readonly link: SignerLink; readonly identity: SignerIdentity }) {
    this.#link = deps.link
    this.#identity = deps.identity
  }

  get address(): Address {
    return this.#identity.address
  }

  async checkFunds(): Promise<void> {}

  makeTickets(session: PaidSession, count: number, call: Call): Promise<TicketBatch> {
    const carried = this.#carried(session)
    const work = carried.last.then(() => this.#buy(session, carried, count, call))
    carried.last = work.catch(() => {})
    return work
  }

  async segmentHeader(session: PaidSession, segment: Omit<SegData, 'signature'>, call: Call): Promise<string> {
    const { state } = this.#carried(session)
    return asGatewayError(() => this.#link.signSegment({ segment, state }, call))
  }

  async #buy(session: PaidSession, carried: Carried, count: number, call: Call): Promise<TicketBatch> {
    let batch: TicketBatch | undefined
    while (!batch || batch.tickets.length < count) {
      const missing = Math.min(count - (batch?.tickets.length ?? 0), MAX_TICKETS_PER_ORDER)
      const more = await this.#order(session, carried, missing, call)
      batch = batch ? joined(batch, more) : more
    }
    return batch
  }

  async #order(session: PaidSession, carried: Carried, count: number, call: Call): Promise<TicketBatch> {
    const { info, manifestId } = session
    const { ticketParams, priceInfo } = info
    if (!ticketParams) throw noTicketParams()
    const price = carried.price ?? priceToRational(priceInfo)
    const ev = ticketEv(ticketParams)
    const worth = multiplyRational(ev, rational(BigInt(count)))
    const pixels = floorRational(divide(addRational(carried.rest, worth), price))
    const inPixels = pixels > 0n ? pixels : 1n
    if (inPixels > BigInt(Number.MAX_SAFE_INTEGER))
      throw new MillraceError(
        'price_too_low',
        `${count} tickets pay for more pixels than can be named: raise the price`,
      )
    const signed = await asGatewayError(() =>
      this.#link.generatePayment({ state: carried.state, orchestrator: info, manifestId, type: '', inPixels }, call),
    )
    const payment = decodePaymentHeader(signed.payment)
    const { expirationParams, tickets = [], sender } = payment ?? {}
    // The signer is the operator's own; this finds one of another account, or an answer to somebody else.
    const same = payment?.ticketParams?.recipientRandHash === ticketParams.recipientRandHash
    if (sender !== this.address || !same || !expirationParams || tickets.length === 0)
      throw new SignerError('signer_refused', 502, 'the remote signer answered with a payment for something else')
    carried.state = signed.state
    carried.price = price
    const bought = multiplyRational(ev, rational(BigInt(tickets.length)))
    carried.rest = subtractRational(addRational(carried.rest, bought), multiplyRational(price, rational(inPixels)))
    return { sender: this.address, ticketParams, expirationParams, tickets }
  }

  #carried({ info, sessionId }: PaidSession): Carried {
    const key = `${info.address}/${sessionId}`
    const carried = this.#sessions.get(key) ?? { rest: rational(0n), last: Promise.resolve() }
    // The one that was used least lately is forgotten first; it can always begin anew.
    this.#sessions.delete(key)
    this.#sessions.set(key, carried)
    const oldest = this.#sessions.keys().next().value
    if (this.#sessions.size > MAX_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest)
    return carried
  }
}

function joined(a: TicketBatch, b: TicketBatch): TicketBatch {
  const { creationRound, creationRoundBlockHash } = a.expirationParams
  if (
    b.expirationParams.creationRound !== creationRound ||
    b.expirationParams.creationRoundBlockHash !== creationRoundBlockHash
  )
    throw new MillraceError('session_stale', 'a new round began between the parts of a payment', { retryable: true })
  return { ...a, tickets: [...a.tickets, ...b.tickets] }
}

const divide = (a: Rational, b: Rational): Rational => rational(a.num * b.den, a.den * b.num)

/** Why the account cannot pay anybody; the gateway then asks no other orchestrator. */
const SENDER_CODES = ['no_sender_reserve', 'no_sender_deposit', 'sender_unlocking'] as const

/** What a signer refuses, in the codes by which a gateway knows what to do. */
async function asGatewayError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (!(cause instanceof SignerError)) throw cause
    if (cause.code === 'refresh_session')
      throw new MillraceError('session_stale', cause.message, { cause, retryable: true })
    if (cause.code === 'cannot_pay') {
      const code = SENDER_CODES.find((known) => known === cause.meta.reason)
      if (code) throw new TicketError(code, cause.message, { cause, fatal: true })
    }
    throw cause
  }
}

const NOT_THE_ORCHESTRATORS: ReadonlySet<string> = new Set([
  'signer_unreachable',
  'signer_refused',
  'signer_busy',
  'spending_limit',
  'not_authorised',
  'auth_webhook_failed',
  'auth_id_changed',
  'cannot_pay',
  'signs_no_segments',
  'bad_segment',
])

/** True when the signer is the reason why nothing could be bought, so that no orchestrator is blamed for it. */
export const isSignerFault = (error: unknown): boolean =>
  error instanceof SignerError && NOT_THE_ORCHESTRATORS.has(error.code)
