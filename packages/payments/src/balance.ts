import {
  addRational,
  type Clock,
  compareRational,
  multiplyRational,
  type Rational,
  rational,
  subtractRational,
  systemClock,
} from '@millrace/base'
import type { Address, SessionId } from '@millrace/wire'
import { ticketsNeeded } from './fees.ts'

/** Milliseconds after which an unused balance is forgotten; both sides use it. */
export const BALANCE_TTL_MS = 10 * 60 * 1000

const ZERO = rational(0n)

type BalanceOptions = { readonly ttlMs?: number }
type BalanceDeps = { readonly clock?: Pick<Clock, 'elapsed'> }

type Entry = { balance: Rational; fixedPrice?: Rational; usedAt: number }

class Ledger {
  readonly #entries = new Map<string, Entry>()
  readonly #ttlMs: number
  readonly #clock: Pick<Clock, 'elapsed'>
  #sweptAt: number

  constructor(options: BalanceOptions, deps: BalanceDeps) {
    this.#ttlMs = options.ttlMs ?? BALANCE_TTL_MS
    this.#clock = deps.clock ?? systemClock
    this.#sweptAt = this.#clock.elapsed()
  }

  find(key: string): Entry | undefined {
    this.#sweep()
    const entry = this.#entries.get(key)
    if (!entry || entry.usedAt + this.#ttlMs <= this.#clock.elapsed()) return undefined
    entry.usedAt = this.#clock.elapsed()
    return entry
  }

  open(key: string): Entry {
    const known = this.find(key)
    if (known) return known
    const entry = { balance: ZERO, usedAt: this.#clock.elapsed() }
    this.#entries.set(key, entry)
    return entry
  }

  drop(key: string): void {
    this.#entries.delete(key)
  }

  get size(): number {
    return this.#entries.size
  }

  #sweep(): void {
    const now = this.#clock.elapsed()
    if (now - this.#sweptAt < this.#ttlMs) return
    this.#sweptAt = now
    for (const [key, entry] of this.#entries) if (entry.usedAt + this.#ttlMs <= now) this.#entries.delete(key)
  }
}

/** What a debit did; `paid` when the ledger was not below zero before it nor after it. */
export type Debit = { readonly before: Rational; readonly after: Rational; readonly paid: boolean }

/** An orchestrator's ledger: what each gateway session has paid and used, in wei. */
export class Balances {
  readonly #ledger: Ledger

  constructor(options: BalanceOptions = {}, deps: BalanceDeps = {}) {
    this.#ledger = new Ledger(options, deps)
  }

  /** Adds to the balance; returns the new one. */
  credit(sender: Address, id: SessionId, amount: Rational): Rational {
    const entry = this.#ledger.open(key(sender, id))
    entry.balance = addRational(entry.balance, amount)
    return entry.balance
  }

  /** Takes the fee of a segment from the balance, which may go below zero. */
  debit(sender: Address, id: SessionId, fee: Rational): Debit {
    const entry = this.#ledger.open(key(sender, id))
    const before = entry.balance
    entry.balance = subtractRational(before, fee)
    return { before, after: entry.balance, paid: before.num >= 0n && entry.balance.num >= 0n }
  }

  /** The balance in wei; undefined when nothing was ever credited, or it was forgotten. */
  balance(sender: Address, id: SessionId): Rational | undefined {
    return this.#ledger.find(key(sender, id))?.balance
  }

  /** True when the session may send a segment: its balance covers at least one ticket's expected value. */
  isSufficient(sender: Address, id: SessionId, ev: Rational): boolean {
    return compareRational(this.balance(sender, id) ?? ZERO, ev) >= 0
  }

  /** Pins the session's price; does nothing until something was credited, as upstream. */
  setFixedPrice(sender: Address, id: SessionId, price: Rational): void {
    const entry = this.#ledger.find(key(sender, id))
    if (entry) entry.fixedPrice = price
  }

  fixedPrice(sender: Address, id: SessionId): Rational | undefined {
    return this.#ledger.find(key(sender, id))?.fixedPrice
  }

  /** Forgets an ended session. */
  end(sender: Address, id: SessionId): void {
    this.#ledger.drop(key(sender, id))
  }

  /** Sessions that are remembered. */
  get size(): number {
    return this.#ledger.size
  }
}

/** Credit that is set aside for one segment until it is known what became of it. */
export type StagedUpdate = {
  readonly orchestrator: Address
  readonly sessionId: SessionId
  /** How many tickets to send. */
  readonly tickets: number
  /** What they are worth, in wei. */
  readonly newCredit: Rational
  /** What was left from before, in wei. */
  readonly existingCredit: Rational
}

/** What became of a segment's credit. */
export type UpdateOutcome =
  /** The orchestrator never took the payment: all is as before. */
  | { readonly status: 'staged' }
  /** The payment was sent and nothing came back: old and new credit count as spent. */
  | { readonly status: 'creditSpent' }
  /** The result came: what it did not cost stays. */
  | { readonly status: 'receivedChange'; readonly debit: Rational }

/** A gateway's ledger: what it believes to have in credit with each orchestrator session, in wei. */
export class GatewayBalances {
  readonly #ledger: Ledger

  constructor(options: BalanceOptions = {}, deps: BalanceDeps = {}) {
    this.#ledger = new Ledger(options, deps)
  }

  balance(orchestrator: Address, id: SessionId): Rational {
    return this.#ledger.find(key(orchestrator, id))?.balance ?? ZERO
  }

  /** Sets all credit of the session aside for a segment and says how many tickets it needs on top. */
  stageUpdate(
    session: { readonly orchestrator: Address; readonly sessionId: SessionId },
    need: { readonly minCredit: Rational; readonly ev: Rational },
  ): StagedUpdate {
    const entry = this.#ledger.open(key(session.orchestrator, session.sessionId))
    const existingCredit = entry.balance
    entry.balance = ZERO
    const tickets = ticketsNeeded(need.minCredit, need.ev, existingCredit)
    const newCredit = multiplyRational(need.ev, rational(BigInt(tickets)))
    return { orchestrator: session.orchestrator, sessionId: session.sessionId, tickets, newCredit, existingCredit }
  }

  /** Ends a staged update; must be called once for each. */
  settle(update: StagedUpdate, outcome: UpdateOutcome): void {
    if (outcome.status === 'creditSpent') return
    const back =
      outcome.status === 'staged'
        ? update.existingCredit
        : subtractRational(addRational(update.existingCredit, update.newCredit), outcome.debit)
    const entry = this.#ledger.open(key(update.orchestrator, update.sessionId))
    entry.balance = addRational(entry.balance, back)
  }
}

const key = (address: Address, id: SessionId): string => `${address}/${id}`
