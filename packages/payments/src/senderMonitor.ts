import type { Wei } from '@millrace/base'
import type { Address } from '@millrace/wire'
import { TicketError } from './errors.ts'
import type { Call, RoundClock, SenderInfo, SenderReserves } from './ports.ts'

/** A deposit this many times what is being redeemed needs no help of the reserve. */
const DEPOSIT_COVER = 3n

/** The share of a sender's reserve that this claimant may still take in this round; negative when it took more (pm spec, reserve). */
export function reserveAllocation(
  reserve: SenderInfo['reserve'],
  share: { readonly poolSize: bigint; readonly claimedByMe: Wei },
): Wei {
  const each = share.poolSize > 0n ? (reserve.fundsRemaining + reserve.claimedInCurrentRound) / share.poolSize : 0n
  return each - share.claimedByMe
}

/** How much face value a recipient may ask of a sender while `pending` is being redeemed. */
export const maxFloatOf = (funds: { readonly allocation: Wei; readonly deposit: Wei; readonly pending: Wei }): Wei =>
  funds.pending === 0n || funds.deposit >= DEPOSIT_COVER * funds.pending
    ? funds.allocation
    : funds.allocation - funds.pending

export type SenderMonitorDeps = {
  readonly reserves: SenderReserves
  readonly clock: Pick<RoundClock, 'lastInitializedRound' | 'transcoderPoolSize'>
}

/** Watches what senders can pay one claimant, counting tickets that are being redeemed. */
export class SenderMonitor {
  readonly #claimant: Address
  readonly #deps: SenderMonitorDeps
  readonly #pending = new Map<Address, Wei>()
  readonly #watchers = new Map<Address, Set<() => void>>()

  constructor(options: { readonly claimant: Address }, deps: SenderMonitorDeps) {
    this.#claimant = options.claimant
    this.#deps = deps
  }

  /** The most face value that a ticket of the sender may have, in wei; never negative. */
  async maxFloat(sender: Address, call: Call = {}): Promise<Wei> {
    const { allocation, deposit } = await this.#funds(sender, call)
    const float = maxFloatOf({ allocation, deposit, pending: this.pending(sender) })
    return float > 0n ? float : 0n
  }

  /** What the sender can pay for redemptions that have not begun, in wei; may be negative. */
  async availableFunds(sender: Address, call: Call = {}): Promise<Wei> {
    const { allocation, deposit } = await this.#funds(sender, call)
    return allocation + deposit - this.pending(sender)
  }

  /** Throws `sender_unlocking` when the sender may withdraw by the next round (pm spec, sender validation). */
  async validateSender(sender: Address, call: Call = {}): Promise<void> {
    const { withdrawRound } = await this.#deps.reserves.senderInfo(sender, call)
    if (withdrawRound !== 0n && withdrawRound <= this.#deps.clock.lastInitializedRound() + 1n)
      throw new TicketError('sender_unlocking', `deposit and reserve for sender ${sender} is set to unlock soon`, {
        fatal: true,
        meta: { sender, withdrawRound },
      })
  }

  /** Face value of the sender's tickets that are being redeemed. */
  pending(sender: Address): Wei {
    return this.#pending.get(sender) ?? 0n
  }

  /** Notes that a ticket of this face value is being redeemed. */
  subFloat(sender: Address, faceValue: Wei): void {
    this.#pending.set(sender, this.pending(sender) + faceValue)
    this.changed(sender)
  }

  /** Notes that its redemption ended, whichever way. */
  addFloat(sender: Address, faceValue: Wei): void {
    const rest = this.pending(sender) - faceValue
    if (rest > 0n) this.#pending.set(sender, rest)
    else this.#pending.delete(sender)
    this.changed(sender)
  }

  /** Tells watchers that a sender's funds changed; without a sender, that everyone's may have (pool size, new round). */
  changed(sender?: Address): void {
    const told = sender ? [this.#watchers.get(sender)] : [...this.#watchers.values()]
    for (const listeners of told) for (const listener of listeners ?? []) listener()
  }

  /** Calls the listener when the sender's max float may have changed; returns how to stop that. */
  watch(sender: Address, listener: () => void): () => void {
    const listeners = this.#watchers.get(sender) ?? new Set()
    this.#watchers.set(sender, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#watchers.get(sender) === listeners) this.#watchers.delete(sender)
    }
  }

  async #funds(sender: Address, call: Call): Promise<{ allocation: Wei; deposit: Wei }> {
    const [info, claimedByMe] = await Promise.all([
      this.#deps.reserves.senderInfo(sender, call),
      this.#deps.reserves.claimedReserve(sender, this.#claimant, call),
    ])
    const poolSize = this.#deps.clock.transcoderPoolSize()
    return { allocation: reserveAllocation(info.reserve, { poolSize, claimedByMe }), deposit: info.deposit }
  }
}
