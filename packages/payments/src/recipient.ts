import {
  bigintToBytes,
  bytesToBigint,
  concatBytes,
  errorText,
  type Log,
  type Rational,
  rational,
  type Wei,
} from '@millrace/base'
import {
  type Address,
  addressToBytes,
  MAX_TICKETS_PER_PAYMENT,
  type Payment,
  priceToRational,
  type SignatureVerifier,
  type TicketExpirationParams,
  type TicketParams,
  ZERO_ADDRESS,
} from '@millrace/wire'
import { TicketError } from './errors.ts'
import type { PaymentParameters } from './parameters.ts'
import type { Call, GasPrices, HmacSha256, NonceClaim, NonceEntry, NonceTable, RoundClock } from './ports.ts'
import type { SenderMonitor } from './senderMonitor.ts'
import {
  recipientRandHash,
  type Ticket,
  type TicketOrigin,
  ticketAuxData,
  ticketEv,
  ticketOf,
  type WinningTicket,
  winningTicket,
} from './ticket.ts'
import { TicketValidator } from './validator.ts'
import { effectiveTxCostMultiplier, faceValue, txCost, winProb } from './winProb.ts'

export type TicketRecipientOptions = {
  readonly recipient: Address
  readonly parameters: PaymentParameters
  /** 32 bytes; whoever knows them knows which tickets win. Kept across restarts only together with the nonce table. */
  readonly secret: Uint8Array
}

export type TicketRecipientDeps = {
  readonly clock: Pick<RoundClock, 'lastInitializedRound' | 'blockHashForRound' | 'lastSeenL1Block'>
  readonly gasPrices: GasPrices
  readonly senders: Pick<SenderMonitor, 'maxFloat' | 'validateSender'>
  readonly verifier: SignatureVerifier
  readonly nonces: NonceTable
  readonly hmacSha256: HmacSha256
  /** Random bytes that nobody can foresee. */
  randomBytes(length: number): Uint8Array
  /** Takes a winning ticket for redemption; must be safe to call twice with one ticket. */
  queueTicket(ticket: WinningTicket, call: Call): Promise<void>
  /** False while the recipient is not in the active set; tickets could not be redeemed then. */
  isActive?(): boolean
  /** Is told what a sender was asked for, and its max float. */
  readonly told?: (sender: Address, terms: { readonly faceValueWei: Wei; readonly maxFloatWei: Wei }) => void
  readonly log: Log
}

/** What a ticket was worth. */
export type ReceivedTicket = { readonly ev: Rational; readonly won: boolean }

/** What tickets of the same parameters have in common: the number that decides, and what each is worth. */
type Terms = { readonly rand: bigint; readonly ev: Rational }

/** What a payment was worth, and why it was not worth more. */
export type ReceivedPayment = {
  readonly sender: Address
  /** Wei to credit to the session, also when some tickets were refused. */
  readonly credit: Rational
  readonly accepted: number
  readonly won: readonly WinningTicket[]
  /** The price the sender expects, wei per pixel in lowest terms; undefined when none was sent. */
  readonly expectedPrice?: Rational
  /** The last fault; the payment as a whole is answered with it. */
  readonly error?: TicketError
}

/** An orchestrator's side of payments: asks for tickets and takes them. Keeps no state per sender but nonces. */
export class TicketRecipient {
  readonly #options: TicketRecipientOptions
  readonly #deps: TicketRecipientDeps
  readonly #validator: TicketValidator

  constructor(options: TicketRecipientOptions, deps: TicketRecipientDeps) {
    if (options.secret.length < 32) throw new RangeError('the recipient secret needs 32 bytes')
    this.#options = options
    this.#deps = deps
    this.#validator = new TicketValidator(deps)
  }

  /**
   * What tickets of the sender must look like at a price in wei per pixel; undefined when nothing is to be paid.
   * Throws `insufficient_sender_reserve` when the sender's funds cover no worthwhile ticket.
   */
  async ticketParams(sender: Address, price: Rational, call: Call = {}): Promise<TicketParams | undefined> {
    if (price.num <= 0n || sender === ZERO_ADDRESS || this.#options.recipient === ZERO_ADDRESS) return undefined
    const { parameters, recipient } = this.#options
    const maxFloatWei = await this.#deps.senders.maxFloat(sender, call)
    const face = this.#faceValue(maxFloatWei)
    this.#deps.told?.(sender, { faceValueWei: face, maxFloatWei })
    const unsigned = {
      faceValue: face,
      winProb: winProb(face, parameters.ticketEvWei),
      expirationBlock: this.#deps.clock.lastSeenL1Block() + parameters.paramsValidityBlocks,
      expirationParams: this.#expirationParams(),
      seed: bytesToBigint(this.#deps.randomBytes(32)),
    }
    const rand = this.#recipientRand(sender, price, unsigned)
    return { recipient, recipientRandHash: recipientRandHash(rand), ...unsigned }
  }

  /** How many times its redemption a winning ticket of the sender is worth; undefined when redeeming is free. */
  async txCostMultiplier(sender: Address, call: Call = {}): Promise<Rational | undefined> {
    const cost = txCost(this.#options.parameters, this.#deps.gasPrices.gasPrice())
    return effectiveTxCostMultiplier(this.#faceValue(await this.#deps.senders.maxFloat(sender, call)), cost)
  }

  /** Takes a whole payment; never throws for a fault of the sender, but tells it in `error`. */
  async receivePayment(
    payment: Payment,
    options: Call & { readonly origin?: TicketOrigin } = {},
  ): Promise<ReceivedPayment> {
    const { sender } = payment
    let credit = rational(0n)
    let accepted = 0
    const won: WinningTicket[] = []
    const result = (more: { expectedPrice?: Rational; error?: TicketError } = {}) => ({
      sender,
      credit,
      accepted,
      won,
      ...more,
    })

    let expectedPrice: Rational | undefined
    try {
      expectedPrice = payment.expectedPrice && priceToRational(payment.expectedPrice)
      if (payment.ticketParams) expectedPrice ??= priceToRational(undefined)
    } catch (cause) {
      return result({ error: invalidPrice(cause) })
    }
    const priced = expectedPrice ? { expectedPrice } : {}
    const { ticketParams, expirationParams } = payment
    if (!ticketParams || !expirationParams || !expectedPrice) return result(priced)

    if (sender === ZERO_ADDRESS)
      return result({
        ...priced,
        error: new TicketError('invalid_sender', `Could not find Sender for payment: ${sender}`, { fatal: true }),
      })
    if (this.#deps.isActive && !this.#deps.isActive()) {
      const { recipient } = this.#options
      const round = this.#deps.clock.lastInitializedRound()
      const text = `orchestrator ${recipient} is inactive in round ${round}, cannot process payments`
      return result({ ...priced, error: new TicketError('orchestrator_inactive', text, { fatal: true }) })
    }

    const terms = this.#terms(sender, expectedPrice, ticketParams, expirationParams)
    const faults: TicketError[] = []
    const valid: { readonly at: number; readonly ticket: Ticket }[] = []
    // A second look at the limit of the codec, because a payment can also come from within the process.
    for (const [at, { senderNonce, signature }] of payment.tickets.slice(0, MAX_TICKETS_PER_PAYMENT).entries()) {
      const ticket = ticketOf(ticketParams, { sender, senderNonce, expirationParams })
      try {
        const call = { ...options, onWin: (winner: WinningTicket) => won.push(winner) }
        await this.#judge(ticket, signature, terms, call)
        valid.push({ at, ticket })
      } catch (cause) {
        if (!(cause instanceof TicketError)) throw cause
        faults[at] = cause
        if (cause.fatal) break
      }
    }
    const claims = await this.#deps.nonces.claim(
      valid.map(({ ticket }) => nonceEntry(ticket)),
      options,
    )
    for (const [i, { at, ticket }] of valid.entries()) {
      const fault = nonceFault(ticket, claims[i]) ?? this.#ageFault(ticket)
      if (fault) faults[at] = fault
      else accepted++
    }
    credit = rational(terms.ev.num * BigInt(accepted), terms.ev.den)
    const error = faults.findLast((fault) => fault !== undefined)
    return result({ ...priced, ...(error && { error }) })
  }

  /**
   * Takes one ticket; throws a TicketError, in the order of the checks of the pm spec.
   * A winning ticket is queued even when its nonce or its age is then refused.
   */
  async receiveTicket(
    ticket: Ticket,
    signature: Uint8Array,
    seed: bigint,
    price: Rational,
    call: Call & { readonly origin?: TicketOrigin } = {},
  ): Promise<ReceivedTicket> {
    const terms = this.#terms(
      ticket.sender,
      price,
      { ...ticket, seed, expirationBlock: ticket.paramsExpirationBlock },
      ticket,
    )
    const won = await this.#judge(ticket, signature, terms, call)
    const [claim] = await this.#deps.nonces.claim([nonceEntry(ticket)], call)
    const fault = nonceFault(ticket, claim) ?? this.#ageFault(ticket)
    if (fault) throw fault
    return { ev: terms.ev, won }
  }

  /**
   * What all tickets of the same parameters have in common.
   * Whatever the sender changed in the parameters gives another recipientRand, whose hash does not match.
   */
  #terms(
    sender: Address,
    price: Rational,
    params: Pick<TicketParams, 'seed' | 'faceValue' | 'winProb' | 'expirationBlock'>,
    expirationParams: TicketExpirationParams,
  ): Terms {
    return { rand: this.#recipientRand(sender, price, { ...params, expirationParams }), ev: ticketEv(params) }
  }

  /** Everything that can be said of a ticket by itself: sender, validity, whether it won; a winner is queued. */
  async #judge(
    ticket: Ticket,
    signature: Uint8Array,
    { rand }: Terms,
    call: Call & { readonly origin?: TicketOrigin; readonly onWin?: (ticket: WinningTicket) => void },
  ): Promise<boolean> {
    const { signal } = call
    await this.#deps.senders.validateSender(ticket.sender, { signal })
    this.#validator.validateTicket(this.#options.recipient, ticket, signature, rand)

    const won = this.#validator.isWinning(ticket, signature, rand)
    if (won) {
      const winner = winningTicket({ ticket, signature, recipientRand: rand }, call.origin)
      call.onWin?.(winner)
      await this.#queue(winner, { signal })
    }
    return won
  }

  #ageFault(ticket: Ticket): TicketError | undefined {
    const block = this.#deps.clock.lastSeenL1Block()
    if (ticket.paramsExpirationBlock > block) return undefined
    return new TicketError('ticket_params_expired', 'TicketParams expired', {
      meta: { expirationBlock: ticket.paramsExpirationBlock, block },
    })
  }

  async #queue(winner: WinningTicket, call: Call): Promise<void> {
    try {
      await this.#deps.queueTicket(winner, call)
    } catch (error) {
      if (call.signal?.aborted) throw error
      // The sender did pay; that the ticket cannot be kept now is not its fault.
      this.#deps.log.error('a winning ticket could not be queued', { ticketHash: winner.hash, error: errorText(error) })
    }
  }

  /** Forgets nonces whose parameters have expired; call it at each new L1 block. */
  async purgeExpired(call: Call = {}): Promise<void> {
    await this.#deps.nonces.purgeExpired(this.#deps.clock.lastSeenL1Block(), call)
  }

  #faceValue(maxFloat: Wei): Wei {
    return faceValue(this.#options.parameters, { gasPriceWei: this.#deps.gasPrices.gasPrice(), maxFloat })
  }

  #expirationParams(): TicketExpirationParams {
    const { clock } = this.#deps
    const round = clock.lastInitializedRound()
    const hash = clock.blockHashForRound(round)
    // Right after a round begins its block hash may not be known yet; the round before is as good.
    if (/^0x0*$/.test(hash) && round > 0n)
      return { creationRound: round - 1n, creationRoundBlockHash: clock.blockHashForRound(round - 1n) }
    return { creationRound: round, creationRoundBlockHash: hash }
  }

  /** recipientRand from the secret and everything the parameters say, so that nothing needs to be remembered (pm spec). */
  #recipientRand(
    sender: Address,
    price: Rational,
    params: Pick<TicketParams, 'seed' | 'faceValue' | 'winProb' | 'expirationBlock'> & {
      readonly expirationParams: TicketExpirationParams
    },
  ): bigint {
    const { num, den } = rational(price.num, price.den)
    const message = concatBytes(
      bigintToBytes(params.seed),
      addressToBytes(sender),
      bigintToBytes(params.faceValue),
      bigintToBytes(params.winProb),
      bigintToBytes(params.expirationBlock),
      bigintToBytes(num),
      bigintToBytes(den),
      ticketAuxData(params.expirationParams),
    )
    return bytesToBigint(this.#deps.hmacSha256(this.#options.secret, message))
  }
}

const invalidPrice = (cause: unknown): TicketError =>
  new TicketError('invalid_expected_price', `invalid expected price sent with payment err="${errorText(cause)}"`, {
    fatal: true,
    cause,
  })

const nonceEntry = (ticket: Ticket): NonceEntry => ({
  recipientRandHash: ticket.recipientRandHash,
  senderNonce: ticket.senderNonce,
  expirationBlock: ticket.paramsExpirationBlock,
  most: MAX_TICKETS_PER_PAYMENT,
})

function nonceFault(ticket: Ticket, claim: NonceClaim | undefined): TicketError | undefined {
  if (claim === 'new') return undefined
  const who = `sender=${ticket.sender.slice(2)} nonce=${ticket.senderNonce}`
  return claim === 'full'
    ? new TicketError('too_many_nonces', `invalid ticket senderNonce: too many values ${who}`)
    : new TicketError('nonce_seen', `invalid ticket senderNonce: already seen ${who}`)
}
