import type { BlockNumber, Hex, Round, Wei } from '@millrace/base'
import type { Address, Signer } from '@millrace/wire'
import type { SignedTicket, WinningTicket } from './ticket.ts'

/** What every waiting call takes last. */
export type Call = { readonly signal?: AbortSignal | undefined }

/** How a redeeming transaction ended. */
export type RedemptionOutcome =
  /** `txHash` is the transaction that was mined, after any replacement; `paidWei` what was paid, where it is known. */
  | { readonly status: 'redeemed'; readonly txHash: Hex; readonly block: BlockNumber; readonly paidWei?: Wei }
  /** Mined but failed; `code` names the reason where the chain tells one. */
  | { readonly status: 'reverted'; readonly code?: string; readonly message?: string }
  /** Never mined, and no longer known to the chain. */
  | { readonly status: 'dropped' }

/**
 * The TicketBroker contract.
 * `redeem` may reject with a MillraceError whose code is in FINAL_REDEMPTION_CODES; every other failure is tried again.
 */
export type TicketBroker = {
  /** Sends redeemWinningTicket; resolves with the transaction's hash as soon as it was sent. */
  redeem(ticket: SignedTicket, call: Call): Promise<Hex>
  /** Waits until the transaction, or its replacement, is mined or gone. */
  waitForRedemption(txHash: Hex, call: Call): Promise<RedemptionOutcome>
  /** TicketBroker.usedTickets of a ticket hash. */
  isUsedTicket(ticketHash: Hex, call: Call): Promise<boolean>
}

/** Codes of redemption failures after which the ticket can never be redeemed. */
export const FINAL_REDEMPTION_CODES: readonly string[] = [
  'ticket_used',
  'ticket_expired',
  'ticket_round_without_block_hash',
  'ticket_not_winning',
  'ticket_signature_invalid',
  'ticket_recipient_rand_mismatch',
]

/** What the chain's watchers know of rounds and L1 blocks; read from memory, so nothing waits. */
export type RoundClock = {
  /** The last round that was initialized. */
  lastInitializedRound(): Round
  /** The block hash of an initialized round; 32 zero bytes when it is not known (yet). */
  blockHashForRound(round: Round): Hex
  /** The last L1 block that was seen; on Arbitrum not the L2 block. */
  lastSeenL1Block(): BlockNumber
  /** How many orchestrators share every sender's reserve in this round. */
  transcoderPoolSize(): bigint
  /** Calls the listener at each new L1 block; returns how to stop that. */
  onL1Block(listener: (block: BlockNumber) => void): () => void
}

export type GasPrices = {
  /** Wei per gas, now. */
  gasPrice(): Wei
}

/** What TicketBroker.getSenderInfo tells of a sender. */
export type SenderInfo = {
  readonly deposit: Wei
  /** The round from which the sender may withdraw; 0 while it is not unlocking. */
  readonly withdrawRound: Round
  readonly reserve: { readonly fundsRemaining: Wei; readonly claimedInCurrentRound: Wei }
}

/** Funds of senders, usually from a cache that watches the chain. */
export type SenderReserves = {
  senderInfo(sender: Address, call: Call): Promise<SenderInfo>
  /** What the claimant took from the sender's reserve in this round (TicketBroker.claimedReserve). */
  claimedReserve(sender: Address, claimant: Address, call: Call): Promise<Wei>
}

/** Where a winning ticket stands. */
export type TicketState =
  | { readonly status: 'queued' }
  | { readonly status: 'submitted'; readonly txHash: Hex }
  | { readonly status: 'redeemed'; readonly txHash?: Hex; readonly block: BlockNumber }
  | { readonly status: 'dropped'; readonly reason: string; readonly block: BlockNumber }

export type StoredTicket = WinningTicket & { readonly state: TicketState }

/** Keeps winning tickets across restarts. Each method is one transaction. */
export type TicketStore = {
  /** Keeps a ticket as queued; false, and nothing changes, when its hash is known. */
  storeWinning(ticket: WinningTicket, call: Call): Promise<boolean>
  /** Senders that have queued or submitted tickets. */
  sendersWithOpenTickets(call: Call): Promise<readonly Address[]>
  /** Queued and submitted tickets of a sender whose parameters have expired at the block, in the order they were stored. */
  openTickets(
    sender: Address,
    filter: { readonly expiredAtBlock: BlockNumber; readonly limit: number; readonly offset?: number },
    call: Call,
  ): Promise<readonly StoredTicket[]>
  find(hash: Hex, call: Call): Promise<StoredTicket | undefined>
  /** A redeeming transaction was sent; also when another one was sent before. */
  markSubmitted(hash: Hex, txHash: Hex, call: Call): Promise<void>
  /** The transaction is gone and the ticket waits again. */
  markQueued(hash: Hex, call: Call): Promise<void>
  /** `block` is the L1 block at which this became known. */
  markRedeemed(hash: Hex, done: { readonly txHash?: Hex; readonly block: BlockNumber }, call: Call): Promise<void>
  markDropped(hash: Hex, done: { readonly reason: string; readonly block: BlockNumber }, call: Call): Promise<void>
  /** Queues again what was redeemed or dropped above the block, because the chain went back to it; returns how many. */
  requeueAbove(block: BlockNumber, call: Call): Promise<number>
}

/** What became of a nonce: noted, noted before, or refused because its recipientRand has the most it may have. */
export type NonceClaim = 'new' | 'seen' | 'full'

/** A nonce to be noted; `most` is how many one recipientRand may have. */
export type NonceEntry = {
  readonly recipientRandHash: Hex
  readonly senderNonce: number
  readonly expirationBlock: BlockNumber
  readonly most: number
}

/** Which sender nonces were used with which recipientRand. A table that survives restarts needs a recipient secret that does. */
export type NonceTable = {
  /**
   * Notes each nonce unless it was noted before or its recipientRand has `most` already; all of them in one atomic, durable step,
   * so that a payment of many tickets costs one write. The answers stand in the order of the entries.
   */
  claim(entries: readonly NonceEntry[], call: Call): Promise<readonly NonceClaim[]>
  /** Forgets every recipientRand whose parameters expired at or before the block. */
  purgeExpired(block: BlockNumber, call: Call): Promise<void>
}

/** Signs tickets; every Signer is one. */
export type TicketSigner = Pick<Signer, 'address' | 'signPersonal'>

/** HMAC-SHA256 over the parts, one after another; `@millrace/wire/node` has one. */
export type HmacSha256 = (key: Uint8Array, ...parts: readonly Uint8Array[]) => Uint8Array
