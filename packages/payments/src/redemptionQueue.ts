import { type BlockNumber, errorText, type Hex, hasCode, type Log, MillraceError, type Part } from '@millrace/base'
import type { Address, TellEvent } from '@millrace/wire'
import type { PaymentParameters } from './parameters.ts'
import {
  type Call,
  FINAL_REDEMPTION_CODES,
  type GasPrices,
  type RoundClock,
  type StoredTicket,
  type TicketBroker,
  type TicketStore,
} from './ports.ts'
import type { SenderMonitor } from './senderMonitor.ts'
import type { WinningTicket } from './ticket.ts'
import { txCost } from './winProb.ts'

/** Tickets looked at in one go; more are read in further pages. */
const PAGE = 100
/** Transactions that may be waited for at a time. */
const MAX_IN_FLIGHT = 64
/** A ticket that keeps failing is tried again after 1, 2, 4 … and at most this many L1 blocks. */
const MAX_WAIT_BLOCKS = 32n

export type RedemptionQueueOptions = {
  readonly recipient: Address
  readonly parameters: PaymentParameters
}

export type RedemptionQueueDeps = {
  readonly broker: TicketBroker
  readonly store: TicketStore
  readonly clock: RoundClock
  readonly gasPrices: GasPrices
  readonly senders: Pick<SenderMonitor, 'availableFunds' | 'subFloat' | 'addFloat'>
  /** False while the recipient could not take the money. */
  isActive?(): boolean
  readonly tell?: TellEvent
  readonly log: Log
}

/**
 * Redeems winning tickets: at each L1 block, for each sender by itself, oldest first, once their parameters have expired.
 * A ticket that cannot be redeemed now is passed over and transactions are waited for side by side, so none holds up later ones.
 */
export class RedemptionQueue implements Part {
  readonly name = 'redemption'
  readonly #options: RedemptionQueueOptions
  readonly #deps: RedemptionQueueDeps
  readonly #running = new Map<Address, Promise<void>>()
  /** Transactions that are waited for, by ticket hash. */
  readonly #inFlight = new Map<Hex, Promise<void>>()
  readonly #retries = new Map<Hex, { fails: number; notBefore: BlockNumber }>()
  #controller = new AbortController()
  #unsubscribe: (() => void) | undefined
  #listing: Promise<void> | undefined

  constructor(options: RedemptionQueueOptions, deps: RedemptionQueueDeps) {
    this.#options = options
    this.#deps = deps
  }

  async start(options: { readonly signal: AbortSignal }): Promise<void> {
    this.#controller = new AbortController()
    if (options.signal.aborted) this.#controller.abort(options.signal.reason)
    else options.signal.addEventListener('abort', () => this.#controller.abort(options.signal.reason), { once: true })
    this.#unsubscribe = this.#deps.clock.onL1Block(() => void this.#onBlock())
  }

  async stop(): Promise<void> {
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
    this.#controller.abort(new Error('stopped'))
    await this.settled()
  }

  /** Keeps a winning ticket until it can be redeemed; a ticket that is known is left as it is. */
  async queueTicket(ticket: WinningTicket, call: Call = {}): Promise<void> {
    const { recipient } = this.#options
    if (ticket.ticket.recipient !== recipient)
      throw new MillraceError('invalid_recipient', `invalid ticket recipient ${ticket.ticket.recipient}`)
    if (!(await this.#deps.store.storeWinning(ticket, call))) return
    const { sender, faceValue } = ticket.ticket
    this.#deps.tell?.({
      type: 'ticket_won',
      ticketHash: ticket.hash,
      sender,
      recipient,
      faceValueWei: faceValue.toString(),
      ...(ticket.origin && { manifestId: ticket.origin.manifestId }),
      ...(ticket.origin?.seq !== undefined && { seq: ticket.origin.seq }),
    })
  }

  /** Resolves when nothing is being redeemed. */
  async settled(): Promise<void> {
    await this.#listing
    while (this.#running.size + this.#inFlight.size > 0)
      await Promise.all([...this.#running.values(), ...this.#inFlight.values()])
  }

  /** Starts redeeming what can be redeemed now; called at each L1 block, and by tests. */
  async redeemNow(): Promise<void> {
    await this.#onBlock()
    await this.settled()
  }

  #onBlock(): Promise<void> {
    // While a list is being read a new block changes nothing that the next one would not see.
    this.#listing ??= this.#list()
      .catch((error) => this.#warn('senders of winning tickets cannot be listed', error))
      .finally(() => {
        this.#listing = undefined
      })
    return this.#listing
  }

  async #list(): Promise<void> {
    const { signal } = this.#controller
    if (signal.aborted || this.#deps.isActive?.() === false) return
    for (const sender of await this.#deps.store.sendersWithOpenTickets({ signal })) {
      // Reading one sender's funds may take long; the others go on meanwhile.
      if (this.#running.has(sender)) continue
      const run = this.#redeemSender(sender)
        .catch((error) => this.#warn('tickets of a sender cannot be redeemed', error, { sender }))
        .finally(() => this.#running.delete(sender))
      this.#running.set(sender, run)
    }
  }

  async #redeemSender(sender: Address): Promise<void> {
    const { signal } = this.#controller
    const expiredAtBlock = this.#deps.clock.lastSeenL1Block()
    // Tickets that stay open are passed over by the offset; closed ones leave the list.
    // One that closes between two pages makes the next page skip a ticket, which the next block finds.
    for (let offset = 0; ; ) {
      const page = await this.#deps.store.openTickets(sender, { expiredAtBlock, limit: PAGE, offset }, { signal })
      for (const ticket of page) {
        if (signal.aborted || this.#inFlight.size >= MAX_IN_FLIGHT) return
        if (this.#inFlight.has(ticket.hash) || !(await this.#redeemIfDue(ticket))) offset++
      }
      if (page.length < PAGE) return
    }
  }

  /** True when the ticket is done with; a transaction that was sent is waited for in the background. */
  async #redeemIfDue(ticket: StoredTicket): Promise<boolean> {
    const block = this.#deps.clock.lastSeenL1Block()
    const retry = this.#retries.get(ticket.hash)
    if (retry && block < retry.notBefore) return false
    try {
      const step = await this.#redeem(ticket)
      if (step === 'closed') this.#retries.delete(ticket.hash)
      if (step === 'open') this.#delay(ticket.hash, block)
      return step === 'closed'
    } catch (error) {
      return this.#failed(ticket, error)
    }
  }

  /** True when the failure is final. */
  async #failed(ticket: StoredTicket, error: unknown): Promise<boolean> {
    if (this.#controller.signal.aborted) return false
    const code = finalCode(error)
    if (code) {
      await this.#drop(ticket, code)
      return true
    }
    this.#delay(ticket.hash, this.#deps.clock.lastSeenL1Block())
    this.#warn('a ticket was not redeemed and will be tried again', error, { ticketHash: ticket.hash })
    return false
  }

  async #redeem(stored: StoredTicket): Promise<'closed' | 'open' | 'sent'> {
    const { broker, store, clock, senders } = this.#deps
    const { ticket, hash } = stored
    const call = { signal: this.#controller.signal }

    // A transaction of before a crash may have been mined, so the chain is asked before anything is sent.
    if (await broker.isUsedTicket(hash, call)) {
      await this.#redeemed(stored, {
        ...(stored.state.status === 'submitted' && { txHash: stored.state.txHash }),
        block: clock.lastSeenL1Block(),
      })
      return 'closed'
    }
    if (stored.state.status === 'submitted') {
      senders.subFloat(ticket.sender, ticket.faceValue)
      this.#await(stored, stored.state.txHash)
      return 'sent'
    }

    // TicketBroker: a ticket is valid in its creation round and the rounds of the validity period after it.
    if (ticket.creationRound + this.#options.parameters.ticketValidityRounds < clock.lastInitializedRound()) {
      await this.#drop(stored, 'ticket_expired')
      return 'closed'
    }

    const cost = txCost(this.#options.parameters, this.#deps.gasPrices.gasPrice())
    if (ticket.faceValue <= cost) return this.#keep(stored, 'insufficient ticket face value for redeem tx cost')
    if ((await senders.availableFunds(ticket.sender, call)) <= cost)
      return this.#keep(stored, 'insufficient sender funds for redeem tx cost')

    senders.subFloat(ticket.sender, ticket.faceValue)
    try {
      const txHash = await broker.redeem(stored, call)
      // Written before waiting: after a crash this ticket must not be sent a second time.
      await store.markSubmitted(hash, txHash, {})
      this.#await(stored, txHash)
      return 'sent'
    } catch (error) {
      senders.addFloat(ticket.sender, ticket.faceValue)
      throw error
    }
  }

  /** Waits for a transaction in the background; its face value, already taken off the float, is put back at the end. */
  #await(stored: StoredTicket, txHash: Hex): void {
    const { sender, faceValue } = stored.ticket
    const waiting = this.#outcome(stored, txHash)
      .then((closed) => {
        if (closed) this.#retries.delete(stored.hash)
        else this.#delay(stored.hash, this.#deps.clock.lastSeenL1Block())
      })
      .catch(async (error) => void (await this.#failed(stored, error)))
      .catch((error) =>
        this.#warn('the end of a redemption cannot be written down', error, { ticketHash: stored.hash }),
      )
      .finally(() => {
        this.#deps.senders.addFloat(sender, faceValue)
        this.#inFlight.delete(stored.hash)
      })
    this.#inFlight.set(stored.hash, waiting)
  }

  /** True when the ticket is done with. */
  async #outcome(stored: StoredTicket, txHash: Hex): Promise<boolean> {
    const call = { signal: this.#controller.signal }
    const outcome = await this.#deps.broker.waitForRedemption(txHash, call)
    if (outcome.status === 'redeemed') {
      await this.#redeemed(stored, outcome)
      return true
    }
    // Without a reason that is known to be final the ticket stays: the next block may take it.
    if (outcome.status === 'reverted' && outcome.code && FINAL_REDEMPTION_CODES.includes(outcome.code)) {
      if (outcome.code === 'ticket_used') await this.#redeemed(stored, { block: this.#deps.clock.lastSeenL1Block() })
      else await this.#drop(stored, outcome.code)
      return true
    }
    await this.#deps.store.markQueued(stored.hash, {})
    const reason = outcome.status === 'reverted' ? (outcome.message ?? 'reverted without a reason') : 'dropped'
    this.#keep(stored, reason)
    return false
  }

  #keep(stored: StoredTicket, reason: string): 'open' {
    this.#deps.log.debug('a ticket stays in the queue', { ticketHash: stored.hash, reason })
    return 'open'
  }

  async #redeemed(
    stored: StoredTicket,
    done: { readonly txHash?: Hex; readonly block: BlockNumber; readonly paidWei?: bigint },
  ): Promise<void> {
    await this.#deps.store.markRedeemed(
      stored.hash,
      { block: done.block, ...(done.txHash && { txHash: done.txHash }) },
      {},
    )
    const { sender, recipient, faceValue } = stored.ticket
    this.#deps.tell?.({
      type: 'ticket_redeemed',
      ticketHash: stored.hash,
      sender,
      recipient,
      faceValueWei: faceValue.toString(),
      paidWei: (done.paidWei ?? faceValue).toString(),
      txHash: done.txHash ?? '',
      block: done.block.toString(),
    })
  }

  async #drop(stored: StoredTicket, reason: string): Promise<void> {
    if (reason === 'ticket_used') return this.#redeemed(stored, { block: this.#deps.clock.lastSeenL1Block() })
    await this.#deps.store.markDropped(stored.hash, { reason, block: this.#deps.clock.lastSeenL1Block() }, {})
    this.#retries.delete(stored.hash)
    this.#deps.log.warn('a winning ticket cannot be redeemed any more', { ticketHash: stored.hash, reason })
    this.#deps.tell?.({ type: 'ticket_dropped', ticketHash: stored.hash, recipient: stored.ticket.recipient, reason })
  }

  #delay(hash: Hex, block: BlockNumber): void {
    const fails = (this.#retries.get(hash)?.fails ?? 0) + 1
    const wait = 1n << BigInt(Math.min(fails - 1, 10))
    this.#retries.set(hash, { fails, notBefore: block + (wait < MAX_WAIT_BLOCKS ? wait : MAX_WAIT_BLOCKS) })
  }

  #warn(message: string, error: unknown, fields: Record<string, unknown> = {}): void {
    if (this.#controller.signal.aborted) return
    this.#deps.log.warn(message, { ...fields, error: errorText(error) })
  }
}

const finalCode = (error: unknown): string | undefined => FINAL_REDEMPTION_CODES.find((code) => hasCode(error, code))
