import { type BlockNumber, type Hex, type Round, toHex, type Wei } from '@millrace/base'
import type { Address } from '@millrace/wire'
import type { Call, RedemptionOutcome, RoundClock, SenderInfo, SenderReserves, TicketBroker } from './ports.ts'
import { type SignedTicket, ticketHash } from './ticket.ts'

/** A chain of rounds, funds and used tickets in memory, for tests. */
export class MemoryChain implements RoundClock, SenderReserves, TicketBroker {
  round: Round = 100n
  block: BlockNumber = 1000n
  poolSize = 2n
  gas: Wei = 1n
  active = true
  readonly blockHashes = new Map<Round, Hex>([
    [99n, `0x${'63'.repeat(32)}`],
    [100n, `0x${'64'.repeat(32)}`],
  ])
  readonly senders = new Map<Address, SenderInfo>()
  readonly claimed = new Map<Address, Wei>()
  readonly used = new Set<Hex>()
  readonly sent: { readonly hash: Hex; readonly txHash: Hex }[] = []
  readonly #listeners = new Set<(block: BlockNumber) => void>()

  /** What the next redemptions of a ticket do, by its hash; without an entry they succeed. */
  readonly behaviour = new Map<Hex, (ticket: SignedTicket, txHash: Hex) => Promise<RedemptionOutcome>>()
  /** Thrown instead of sending, by ticket hash. */
  readonly refusals = new Map<Hex, Error>()

  lastInitializedRound = () => this.round
  blockHashForRound = (round: Round): Hex => this.blockHashes.get(round) ?? `0x${'00'.repeat(32)}`
  lastSeenL1Block = () => this.block
  transcoderPoolSize = () => this.poolSize
  gasPrice = () => this.gas
  onL1Block(listener: (block: BlockNumber) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Mines blocks; each is told to the listeners. */
  mine(blocks = 1n): void {
    this.block += blocks
    for (const listener of this.#listeners) listener(this.block)
  }

  get listeners(): number {
    return this.#listeners.size
  }

  fund(sender: Address, more: { deposit?: Wei; reserve?: Wei; withdrawRound?: Round } = {}): void {
    this.senders.set(sender, {
      deposit: more.deposit ?? 10n ** 18n,
      withdrawRound: more.withdrawRound ?? 0n,
      reserve: { fundsRemaining: more.reserve ?? 10n ** 18n, claimedInCurrentRound: 0n },
    })
  }

  async senderInfo(sender: Address): Promise<SenderInfo> {
    const nothing = { deposit: 0n, withdrawRound: 0n, reserve: { fundsRemaining: 0n, claimedInCurrentRound: 0n } }
    return this.senders.get(sender) ?? nothing
  }

  async claimedReserve(sender: Address): Promise<Wei> {
    return this.claimed.get(sender) ?? 0n
  }

  async isUsedTicket(hash: Hex): Promise<boolean> {
    return this.used.has(hash)
  }

  async redeem(ticket: SignedTicket): Promise<Hex> {
    const hash = toHex(ticketHash(ticket.ticket))
    const refusal = this.refusals.get(hash)
    if (refusal) throw refusal
    const txHash: Hex = `0x${(this.sent.length + 1).toString(16).padStart(64, '0')}`
    this.sent.push({ hash, txHash })
    this.#tickets.set(txHash, ticket)
    return txHash
  }

  async waitForRedemption(txHash: Hex, { signal }: Call): Promise<RedemptionOutcome> {
    const ticket = this.#tickets.get(txHash)
    if (!ticket) return { status: 'dropped' }
    const hash = toHex(ticketHash(ticket.ticket))
    const behaviour = this.behaviour.get(hash)
    if (behaviour) {
      const aborted = new Promise<never>((_, reject) =>
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true }),
      )
      return Promise.race([behaviour(ticket, txHash), aborted])
    }
    if (this.used.has(hash)) return { status: 'reverted', code: 'ticket_used' }
    this.used.add(hash)
    return { status: 'redeemed', txHash, block: this.block, paidWei: ticket.ticket.faceValue }
  }

  readonly #tickets = new Map<Hex, SignedTicket>()
}
