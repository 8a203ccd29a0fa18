import type { SessionId } from '@millrace/wire'

/** The part of all fees that may be spent on results that nobody needs. */
const MAX_PART = 0.05
/** Hedges that are free, so that a stream that begins with a bad orchestrator is helped too. */
const FREE_HEDGES = 2
const MAX_PENDING = 1_000

export type HedgeFigures = {
  readonly segments: number
  readonly hedges: number
  readonly feesWei: bigint
  /** Spent on work that nobody needed. */
  readonly duplicateWei: bigint
  /** Still in credit with losers, to be spent first. */
  readonly pendingWei: bigint
}

/**
 * What hedges cost a gateway. The loser of a hedge keeps credit that pays for a later segment; only what can never be used counts as spent twice.
 * Hedging stops while credit and loss together are above five hundredths of the fees.
 */
export class HedgeLedger {
  readonly #pending = new Map<SessionId, bigint>()
  #segments = 0
  #hedges = 0
  #feesWei = 0n
  #duplicateWei = 0n
  #pendingWei = 0n

  /** A segment was bought; credit of its session was spent first. */
  bought(sessionId: SessionId, feeWei: bigint): void {
    this.#segments++
    this.#feesWei += feeWei
    this.#take(sessionId, feeWei)
  }

  /** A session lost a hedge and holds what it was sent. */
  lost(sessionId: SessionId, creditWei: bigint): void {
    this.#hedges++
    this.#pending.set(sessionId, (this.#pending.get(sessionId) ?? 0n) + creditWei)
    this.#pendingWei += creditWei
    const oldest = this.#pending.keys().next().value
    if (this.#pending.size > MAX_PENDING && oldest !== undefined) this.forget(oldest)
  }

  /** The loser of a hedge had done its work already and is paid for it, in wei. */
  wasted(feeWei: bigint): void {
    this.#hedges++
    this.#duplicateWei += feeWei
  }

  /** What a session holds in credit from hedges, in wei. */
  creditOf(sessionId: SessionId): bigint {
    return this.#pending.get(sessionId) ?? 0n
  }

  /** A session is over; returns what was lost with it. */
  forget(sessionId: SessionId): bigint {
    const lost = this.#take(sessionId, this.creditOf(sessionId))
    this.#pending.delete(sessionId)
    this.#duplicateWei += lost
    return lost
  }

  mayHedge(): boolean {
    if (this.#hedges < FREE_HEDGES) return true
    // Off chain nothing is paid: there the hedges themselves are counted.
    if (this.#feesWei === 0n) return this.#hedges < FREE_HEDGES + MAX_PART * this.#segments
    return Number(this.#duplicateWei + this.#pendingWei) <= MAX_PART * Number(this.#feesWei)
  }

  figures(): HedgeFigures {
    return {
      segments: this.#segments,
      hedges: this.#hedges,
      feesWei: this.#feesWei,
      duplicateWei: this.#duplicateWei,
      pendingWei: this.#pendingWei,
    }
  }

  #take(sessionId: SessionId, most: bigint): bigint {
    const credit = this.creditOf(sessionId)
    const taken = credit < most ? credit : most
    if (taken === 0n) return 0n
    this.#pending.set(sessionId, credit - taken)
    this.#pendingWei -= taken
    return taken
  }
}
