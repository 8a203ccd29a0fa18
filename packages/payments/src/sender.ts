import { compareRational, type Hex, multiplyRational, type Rational, rational } from '@millrace/base'
import {
  type Address,
  MAX_TICKETS_PER_PAYMENT,
  type Payment,
  type PriceInfo,
  type TicketExpirationParams,
  type TicketParams,
  type TicketSenderParams,
} from '@millrace/wire'
import { TicketError } from './errors.ts'
import type { PaymentParameters } from './parameters.ts'
import type { Call, RoundClock, SenderReserves, TicketSigner } from './ports.ts'
import { ticketEv, ticketHash, ticketOf } from './ticket.ts'

/** Names a series of nonces under one set of ticket parameters: the recipientRandHash. */
export type TicketSessionId = Hex

/** Some tickets of one set of parameters. */
export type TicketBatch = {
  readonly sender: Address
  readonly ticketParams: TicketParams
  readonly expirationParams: TicketExpirationParams
  readonly tickets: readonly TicketSenderParams[]
}

export type TicketSenderDeps = {
  readonly signer: TicketSigner
  readonly clock: Pick<RoundClock, 'lastInitializedRound' | 'blockHashForRound' | 'lastSeenL1Block'>
  readonly reserves: Pick<SenderReserves, 'senderInfo'>
}

/** A gateway's side of payments: checks what orchestrators ask for and makes tickets. */
export class TicketSender {
  readonly #parameters: PaymentParameters
  readonly #deps: TicketSenderDeps
  readonly #sessions = new Map<TicketSessionId, { params: TicketParams; nonce: number }>()

  constructor(options: { readonly parameters: PaymentParameters }, deps: TicketSenderDeps) {
    this.#parameters = options.parameters
    this.#deps = deps
  }

  get address(): Address {
    return this.#deps.signer.address
  }

  /** Begins, or goes on with, tickets of these parameters; nonces go on counting. */
  startSession(params: TicketParams): TicketSessionId {
    const id = params.recipientRandHash
    if (!this.#sessions.has(id)) {
      this.#forgetExpired()
      this.#sessions.set(id, { params, nonce: 0 })
    }
    return id
  }

  /** The expected value of each ticket of the session, in wei. */
  ev(id: TicketSessionId): Rational {
    return ticketEv(this.#session(id).params)
  }

  /** How many tickets the recipient will still take under these parameters. */
  ticketsLeft(id: TicketSessionId): number {
    return MAX_TICKETS_PER_PAYMENT - this.#session(id).nonce
  }

  /** Signs that many tickets; the first nonce of a session is 1. Throws a TicketError when parameters or funds do not allow it. */
  async createTicketBatch(id: TicketSessionId, size: number, call: Call = {}): Promise<TicketBatch> {
    const session = this.#session(id)
    await this.validateTicketParams(session.params, { ...call, tickets: size })
    const batch = this.#sign(session.params, session.nonce, size)
    session.nonce += size
    return batch
  }

  /**
   * The same for somebody else who counts the nonces: the first ticket has the nonce after `nonce`.
   * Asked twice with the same nonce it makes the same tickets, which are worth no more than once.
   */
  async createTicketsAfter(nonce: number, params: TicketParams, size: number, call: Call = {}): Promise<TicketBatch> {
    await this.validateTicketParams(params, { ...call, tickets: size })
    return this.#sign(params, nonce, size)
  }

  #sign(params: TicketParams, nonce: number, size: number): TicketBatch {
    const { signer } = this.#deps
    if (nonce + size > MAX_TICKETS_PER_PAYMENT)
      throw new TicketError('too_many_nonces', `ticket parameters are good for ${MAX_TICKETS_PER_PAYMENT} tickets`, {
        retryable: true,
        meta: { used: nonce, size },
      })
    const expirationParams = params.expirationParams ?? this.#expirationParams()
    const tickets = Array.from({ length: size }, (_, i) => {
      const senderNonce = nonce + i + 1
      const ticket = ticketOf(params, { sender: signer.address, senderNonce, expirationParams })
      return { senderNonce, signature: signer.signPersonal(ticketHash(ticket)) }
    })
    return { sender: signer.address, ticketParams: params, expirationParams, tickets }
  }

  /** Throws the first reason not to make `tickets` tickets (one unless told otherwise) of these parameters (pm spec, sender's checks). */
  async validateTicketParams(params: TicketParams, options: Call & { readonly tickets?: number } = {}): Promise<void> {
    const { maxTicketEvWei, maxTotalEvWei, depositMultiplier } = this.#parameters
    const { tickets = 1, signal } = options
    if (params.expirationBlock === 0n)
      throw new TicketError('no_expiration_block', 'ticketParams expiration block is 0')
    if (params.expirationBlock - this.#deps.clock.lastSeenL1Block() <= 1n)
      throw new TicketError('ticket_params_expired', 'TicketParams expired', {
        retryable: true,
        meta: { expirationBlock: params.expirationBlock },
      })

    const ev = ticketEv(params)
    if (ev.num <= 0n) return
    if (compareRational(ev, rational(maxTicketEvWei)) > 0)
      throw new TicketError('ticket_ev_too_high', `ticket EV ${show(ev)} > max ticket EV ${maxTicketEvWei}`)
    if (compareRational(ev, rational(params.faceValue)) >= 0)
      throw new TicketError('face_value_too_low', `ticket faceValue too low faceValue=${params.faceValue}`)
    const total = multiplyRational(ev, rational(BigInt(tickets)))
    if (compareRational(total, rational(maxTotalEvWei)) > 0)
      throw new TicketError(
        'total_ev_too_high',
        `total ticket EV ${show(total)} for ${tickets} tickets > max total ticket EV ${maxTotalEvWei}`,
      )

    const { deposit } = await this.#deps.reserves.senderInfo(this.address, { signal })
    const maxFaceValue = deposit / depositMultiplier
    if (params.faceValue > maxFaceValue)
      throw new TicketError(
        'face_value_too_high',
        `ticket faceValue ${params.faceValue} > max faceValue ${maxFaceValue}`,
      )
  }

  /** Throws when this gateway cannot pay anyone: no reserve, no deposit, or both about to unlock. */
  async validateSender(call: Call = {}): Promise<void> {
    const { deposit, reserve, withdrawRound } = await this.#deps.reserves.senderInfo(this.address, call)
    if (reserve.fundsRemaining === 0n) throw new TicketError('no_sender_reserve', 'no sender reserve', { fatal: true })
    if (deposit === 0n) throw new TicketError('no_sender_deposit', 'no sender deposit', { fatal: true })
    if (withdrawRound !== 0n && withdrawRound <= this.#deps.clock.lastInitializedRound() + 1n)
      throw new TicketError(
        'sender_unlocking',
        'unable to validate sender: deposit and reserve is set to unlock soon',
        { fatal: true },
      )
  }

  endSession(id: TicketSessionId): void {
    this.#sessions.delete(id)
  }

  #session(id: TicketSessionId) {
    const session = this.#sessions.get(id)
    if (!session) throw new TicketError('unknown_session', 'no such ticket session, start it first')
    return session
  }

  #forgetExpired(): void {
    const block = this.#deps.clock.lastSeenL1Block()
    for (const [id, { params }] of this.#sessions) if (params.expirationBlock <= block) this.#sessions.delete(id)
  }

  #expirationParams(): TicketExpirationParams {
    const creationRound = this.#deps.clock.lastInitializedRound()
    return { creationRound, creationRoundBlockHash: this.#deps.clock.blockHashForRound(creationRound) }
  }
}

/** The payment message of a batch; without a batch only the price is sent, where the balance covers the fee. */
export function paymentOf(sender: Address, batch: TicketBatch | undefined, expectedPrice?: PriceInfo): Payment {
  const price = expectedPrice && {
    expectedPrice: { pricePerUnit: expectedPrice.pricePerUnit, pixelsPerUnit: expectedPrice.pixelsPerUnit },
  }
  if (!batch) return { sender, tickets: [], ...price }
  const { expirationParams: _, ...ticketParams } = batch.ticketParams
  return { sender, ticketParams, expirationParams: batch.expirationParams, tickets: batch.tickets, ...price }
}

const show = ({ num, den }: Rational): string => (num / den).toString()
