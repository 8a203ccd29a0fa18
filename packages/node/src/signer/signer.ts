import { randomBytes } from 'node:crypto'
import {
  addRational,
  type Clock,
  errorText,
  keccak256,
  type Log,
  multiplyRational,
  type Rational,
  rational,
  subtractRational,
  toHex,
} from '@millrace/base'
import {
  feeOf,
  isSenderValidationError,
  minCredit,
  paymentOf,
  TicketError,
  type TicketSender,
  ticketEv,
  ticketsNeeded,
} from '@millrace/payments'
import {
  type Signer as Account,
  authTokenNeedsRefresh,
  type Capabilities,
  type CommitmentDomain,
  encodePaymentHeader,
  encodeSegmentHeader,
  type OrchestratorInfo,
  orchestratorRequestMessage,
  type PriceInfo,
  type SegData,
  type SignatureVerifier,
  signNodeMessage,
  signSegment,
  type TicketParams,
  manifestId as toManifestId,
} from '@millrace/wire'
import {
  type DiscoveredOrchestrator,
  type PaymentOrder,
  type SignedPayment,
  type SignerCall,
  SignerError,
  type SignerIdentity,
  type SignerLink,
  type SignerState,
} from '../links/signer-link.ts'
import { billableUnits, ceilingOf, checkPrice } from './billing.ts'
import type { PaymentAuth } from './payment-auth.ts'
import { openState, type PaymentState, sealState } from './payment-state.ts'
import { checkName, checkSignable } from './signable-segment.ts'
import type { SpendingLimit } from './spending-limit.ts'

/** More at once would be a drain, and slow (go-livepeer's signer has the same limit). */
export const MAX_TICKETS_PER_ORDER = 100
const AUTH_ID_HEADER = 'Signer-Auth-Id'
const EMPTY_HASH = toHex(keccak256(new Uint8Array(0)))

export type SignerDeps = {
  readonly account: Account
  readonly verifier: SignatureVerifier
  readonly tickets: TicketSender
  readonly domain: CommitmentDomain | undefined
  /** The operator's most for a pixel; undefined for any price. */
  readonly maxPrice: (capabilities: Capabilities | undefined) => Rational | undefined
  readonly auth: PaymentAuth | undefined
  readonly spending: SpendingLimit | undefined
  /** Undefined where the signer finds nobody any orchestrators. */
  readonly discover: ((capabilities: readonly string[]) => Promise<readonly DiscoveredOrchestrator[]>) | undefined
  readonly clock: Pick<Clock, 'now' | 'elapsed'>
  readonly log: Log
}

/** An order whose orchestrator asks a price and tells how its tickets must be. */
type Terms = { readonly info: OrchestratorInfo; readonly price: PriceInfo; readonly ticketParams: TicketParams }

/**
 * Keeps the key of gateways: signs their requests, tickets and segments, each within what its operator allows (wire spec 2.7).
 * It keeps nothing of a session. What it must know next time goes to the gateway and back, signed.
 */
export class Signer implements SignerLink {
  readonly #deps: SignerDeps

  constructor(deps: SignerDeps) {
    this.#deps = deps
  }

  async identity(): Promise<SignerIdentity> {
    const { account, domain } = this.#deps
    const signature = signNodeMessage(account, orchestratorRequestMessage(account.address))
    return { address: account.address, signature, ...(domain && { domain }) }
  }

  async generatePayment(order: PaymentOrder, call: SignerCall = {}): Promise<SignedPayment> {
    const { account, clock, log, spending, tickets } = this.#deps
    const terms = termsOf(order.orchestrator)
    const before = this.#stateOf(order, terms)
    const manifestId = manifestIdOf(order)
    const nonce = before.ticketSession === terms.ticketParams.recipientRandHash ? before.senderNonce : 0
    await this.#checkFunds(call)
    await this.#checkFresh(terms, call)
    const now = clock.now()
    const sinceMs = before.lastUpdateMs === undefined ? 0 : now - before.lastUpdateMs
    const units = billableUnits({ type: order.type, inPixels: order.inPixels, sinceMs })
    const asked = rational(terms.price.pricePerUnit, terms.price.pixelsPerUnit)
    const initial = rational(before.initialPrice.pricePerUnit, before.initialPrice.pixelsPerUnit)
    checkPrice(asked, [
      { source: 'configured maximum price', most: this.#deps.maxPrice(order.capabilities) },
      { source: 'request maxPrice', most: ceilingOf(order.maxPrice, order.type) },
      { source: 'initial session price', most: order.state && initial },
    ])
    const fee = feeOf(units, initial)
    const ev = ticketEv(terms.ticketParams)
    const count = ticketsNeeded(minCredit(fee, ev), ev, before.balance)
    if (count <= 0) throw new SignerError('no_tickets', 482, 'no tickets')
    if (count > MAX_TICKETS_PER_ORDER)
      throw new SignerError(
        'too_many_tickets',
        400,
        `numTickets ${count} exceeds maximum of ${MAX_TICKETS_PER_ORDER}: ask for less, or have the orchestrator raise its -ticketEV`,
      )
    const worth = multiplyRational(ev, rational(BigInt(count)))
    const after = await this.#authorised(
      {
        ...before,
        ticketSession: terms.ticketParams.recipientRandHash,
        senderNonce: nonce + count,
        lastUpdateMs: now,
        balance: subtractRational(addRational(before.balance, worth), fee),
      },
      { asked, order, call },
    )
    // The last moment before anything is signed, so that what is refused costs nothing of the hour.
    spending?.take(worth)
    const batch = await this.#sell(() => tickets.createTicketsAfter(nonce, terms.ticketParams, count, call), terms)
    const segCreds = this.#signedSegment(paymentSegment(manifestId, order))
    log.info('a payment was signed', {
      orchestrator: terms.info.address,
      manifestId,
      tickets: count,
      valueWei: worth.num / worth.den,
      stateId: after.stateId,
      ...(after.authId !== '' && { authId: after.authId }),
    })
    return {
      payment: encodePaymentHeader(paymentOf(account.address, batch, terms.price)),
      segCreds,
      state: sealState(account, after),
    }
  }

  async signSegment(
    order: { readonly segment: Omit<SegData, 'signature'>; readonly state?: SignerState | undefined },
    call: SignerCall = {},
  ): Promise<string> {
    const { account, auth, clock, verifier } = this.#deps
    checkName(order.segment)
    const state = order.state && openState(verifier, account.address, order.state)
    const authorised = state !== undefined && state.authExpiryS >= clock.now() / 1000
    if (auth && !authorised) await auth.ask(call.headers ?? {}, state, { type: '', signal: call.signal })
    return this.#signedSegment(order.segment)
  }

  async discover(capabilities: readonly string[]): Promise<readonly DiscoveredOrchestrator[]> {
    const { discover } = this.#deps
    if (!discover)
      throw new SignerError('no_discovery', 404, 'this signer finds no orchestrators: -remoteDiscovery is off')
    return discover(capabilities)
  }

  #signedSegment(segment: Omit<SegData, 'signature'>): string {
    const { account } = this.#deps
    checkSignable(account.address, segment)
    return encodeSegmentHeader(signSegment(account, segment), account)
  }

  /** The session as it was left, or the beginning of one. */
  #stateOf(order: PaymentOrder, { info, price }: Terms): PaymentState {
    const { account, verifier } = this.#deps
    const app = order.app ?? ''
    if (!order.state)
      return {
        stateId: randomBytes(4).toString('hex'),
        ticketSession: undefined,
        lastUpdateMs: undefined,
        orchestrator: info.address,
        app,
        authExpiryS: 0,
        senderNonce: 0,
        balance: rational(0n),
        initialPrice: price,
        type: order.type,
        sequence: 0,
        authId: '',
      }
    const state = openState(verifier, account.address, order.state)
    const wrong = (text: string) => new SignerError('bad_state', 400, text)
    if (state.orchestrator !== info.address) throw wrong('orchestratorAddress mismatch')
    if (state.app !== app) throw wrong('app mismatch')
    if (state.type !== '' && state.type !== order.type) throw wrong('job type mismatch')
    const { pricePerUnit, pixelsPerUnit } = state.initialPrice
    if (pricePerUnit <= 0n || pixelsPerUnit <= 0n) throw wrong('invalid initial price in state')
    return { ...state, type: order.type, sequence: state.sequence + 1 }
  }

  /** Throws `refresh_session` for terms that are about to run out. */
  async #checkFresh(terms: Terms, call: SignerCall): Promise<void> {
    const { authToken } = terms.info
    if (!authToken)
      throw new SignerError(
        'bad_order',
        400,
        'remote signer could not check whether to refresh session: missing auth token',
      )
    if (authTokenNeedsRefresh(authToken, this.#deps.clock.now() / 1000)) throw refresh(terms.info)
    await this.#sell(() => this.#deps.tickets.validateTicketParams(terms.ticketParams, call), terms)
  }

  async #checkFunds(call: SignerCall): Promise<void> {
    try {
      await this.#deps.tickets.validateSender(call)
    } catch (cause) {
      if (!isSenderValidationError(cause)) throw cause
      this.#deps.log.warn('this signer cannot pay: fund its deposit and reserve', { error: errorText(cause) })
      throw new SignerError('cannot_pay', 500, errorText(cause), {
        cause,
        meta: { reason: (cause as TicketError).code },
      })
    }
  }

  /** Asks the operator's service where its last word no longer holds; the service's limits count too. */
  async #authorised(
    state: PaymentState,
    { asked, order, call }: { readonly asked: Rational; readonly order: PaymentOrder; readonly call: SignerCall },
  ): Promise<PaymentState> {
    const { auth, clock } = this.#deps
    const headers = call.headers ?? {}
    const holds = state.authExpiryS !== 0 && state.authExpiryS >= Math.floor(clock.now() / 1000)
    const granted =
      auth && !holds ? await auth.ask(headers, state, { type: order.type, signal: call.signal }) : undefined
    if (granted) checkPrice(asked, [{ source: 'auth webhook maxPrice', most: granted.maxPrice }])
    const authId = granted?.authId ?? headers[AUTH_ID_HEADER]?.[0] ?? ''
    if (authId !== '' && state.authId !== '' && authId !== state.authId)
      throw new SignerError('auth_id_changed', 500, 'remote signer auth ID changed')
    return { ...state, authExpiryS: granted ? granted.expiryS : state.authExpiryS, authId: authId || state.authId }
  }

  /** What the checks of tickets refuse, in the statuses of a signer. */
  async #sell<T>(work: () => Promise<T>, { info }: Terms): Promise<T> {
    try {
      return await work()
    } catch (cause) {
      if (!(cause instanceof TicketError)) throw cause
      if (cause.code === 'ticket_params_expired' || cause.code === 'too_many_nonces') throw refresh(info)
      throw new SignerError('bad_order', 400, cause.message, { cause, meta: { reason: cause.code } })
    }
  }
}

const refresh = ({ serviceUri }: OrchestratorInfo): SignerError =>
  new SignerError('refresh_session', 480, 'refresh session for remote signer', { meta: { serviceUri } })

function termsOf(info: OrchestratorInfo): Terms {
  const { priceInfo: price, ticketParams } = info
  if (!price || price.pricePerUnit <= 0n || price.pixelsPerUnit <= 0n)
    throw new SignerError('bad_order', 400, 'missing or zero priceInfo')
  if (!ticketParams) throw new SignerError('bad_order', 400, 'missing ticketParams in OrchestratorInfo')
  return { info, price, ticketParams }
}

function manifestIdOf({ manifestId, state }: PaymentOrder): string {
  if (manifestId) return manifestId
  // Payments of one session must stay tied to the same id.
  if (state) throw new SignerError('bad_order', 400, 'missing manifestID')
  return randomBytes(4).toString('hex')
}

/** The header that goes with a payment alone: a segment of nothing. */
const paymentSegment = (id: string, { capabilities, orchestrator }: PaymentOrder): Omit<SegData, 'signature'> => ({
  manifestId: toManifestId(id),
  seq: 0,
  profiles: [],
  durationMs: 0,
  ...(capabilities && { capabilities }),
  ...(orchestrator.authToken && { authToken: orchestrator.authToken }),
  calcPerceptualHash: false,
  forceSessionReinit: false,
  hash: EMPTY_HASH,
  storage: [],
  wantsCommitment: false,
})
