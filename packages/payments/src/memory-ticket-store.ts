import type { BlockNumber, Hex } from '@millrace/base'
import type { Address } from '@millrace/wire'
import type { StoredTicket, TicketState, TicketStore } from './ports.ts'
import type { WinningTicket } from './ticket.ts'

/** A ticket store that forgets at the end of the process. */
export class MemoryTicketStore implements TicketStore {
  /** In the order they were stored. */
  readonly #tickets = new Map<Hex, StoredTicket>()

  async storeWinning(ticket: WinningTicket): Promise<boolean> {
    if (this.#tickets.has(ticket.hash)) return false
    this.#tickets.set(ticket.hash, { ...ticket, state: { status: 'queued' } })
    return true
  }

  async sendersWithOpenTickets(): Promise<readonly Address[]> {
    return [...new Set(this.#open().map(({ ticket }) => ticket.sender))]
  }

  async openTickets(
    sender: Address,
    filter: { readonly expiredAtBlock: BlockNumber; readonly limit: number; readonly offset?: number },
  ): Promise<readonly StoredTicket[]> {
    const offset = filter.offset ?? 0
    return this.#open()
      .filter(({ ticket }) => ticket.sender === sender && ticket.paramsExpirationBlock <= filter.expiredAtBlock)
      .slice(offset, offset + filter.limit)
  }

  async find(hash: Hex): Promise<StoredTicket | undefined> {
    return this.#tickets.get(hash)
  }

  async markSubmitted(hash: Hex, txHash: Hex): Promise<void> {
    this.#set(hash, { status: 'submitted', txHash })
  }

  async markQueued(hash: Hex): Promise<void> {
    this.#set(hash, { status: 'queued' })
  }

  async markRedeemed(hash: Hex, done: { readonly txHash?: Hex; readonly block: BlockNumber }): Promise<void> {
    this.#set(hash, { status: 'redeemed', block: done.block, ...(done.txHash && { txHash: done.txHash }) })
  }

  async markDropped(hash: Hex, done: { readonly reason: string; readonly block: BlockNumber }): Promise<void> {
    this.#set(hash, { status: 'dropped', reason: done.reason, block: done.block })
  }

  async requeueAbove(block: BlockNumber): Promise<number> {
    let count = 0
    for (const [hash, { state }] of this.#tickets)
      if ((state.status === 'redeemed' || state.status === 'dropped') && state.block > block) {
        this.#set(hash, { status: 'queued' })
        count++
      }
    return count
  }

  #set(hash: Hex, state: TicketState): void {
    const ticket = this.#tickets.get(hash)
    if (ticket) this.#tickets.set(hash, { ...ticket, state })
  }

  #open(): StoredTicket[] {
    return [...this.#tickets.values()].filter(({ state }) => state.status === 'queued' || state.status === 'submitted')
  }
}
