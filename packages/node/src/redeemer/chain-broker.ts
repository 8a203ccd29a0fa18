import { type Clock, type Hex, MillraceError, systemClock, toHex } from '@millrace/base'
import {
  type ChainClient,
  ChainError,
  isUsedTicket,
  paidByRedemption,
  redeemWinningTicket,
  type TxResult,
  type TxSender,
  transactionState,
} from '@millrace/chain'
import {
  type Call,
  type RedemptionOutcome,
  type SignedTicket,
  type TicketBroker,
  ticketAuxData,
} from '@millrace/payments'

/** Revert texts of TicketBroker.redeemWinningTicket after which a ticket never pays (protocol spec 4). */
const FINAL_REASONS: readonly (readonly [RegExp, string])[] = [
  [/ticket is used/, 'ticket_used'],
  [/ticket is expired/, 'ticket_expired'],
  [/does not have a block hash|invalid for creationRound/, 'ticket_round_without_block_hash'],
  [/ticket did not win/, 'ticket_not_winning'],
  [/invalid signature|INVALID_SIGNATURE_LENGTH/, 'ticket_signature_invalid'],
  [/recipientRand does not match/, 'ticket_recipient_rand_mismatch'],
]

/** The TicketBroker contract as payments see it. */
export class ChainTicketBroker implements TicketBroker {
  readonly #client: ChainClient
  readonly #sender: TxSender
  readonly #clock: Clock
  readonly #lastSeenBlock: () => bigint
  readonly #confirming = new Map<Hex, Promise<TxResult>>()

  constructor(deps: {
    readonly client: ChainClient
    readonly sender: TxSender
    /** In the protocol's count (L1 on Arbitrum). */
    readonly lastSeenBlock: () => bigint
    readonly clock?: Clock
  }) {
    this.#client = deps.client
    this.#sender = deps.sender
    this.#lastSeenBlock = deps.lastSeenBlock
    this.#clock = deps.clock ?? systemClock
  }

  async redeem({ ticket, signature, recipientRand }: SignedTicket, call: Call): Promise<Hex> {
    return new Promise((resolve, reject) => {
      let submitted: Hex | undefined
      const confirming = redeemWinningTicket(
        this.#client,
        this.#sender,
        {
          ticket: {
            recipient: ticket.recipient,
            sender: ticket.sender,
            faceValue: ticket.faceValue,
            winProb: ticket.winProb,
            senderNonce: BigInt(ticket.senderNonce),
            recipientRandHash: ticket.recipientRandHash,
            auxData: toHex(ticketAuxData(ticket)),
          },
          sig: toHex(signature),
          recipientRand,
        },
        {
          signal: call.signal,
          onSubmitted: (hash) => {
            submitted = hash
            this.#confirming.set(hash, confirming)
            resolve(hash)
          },
        },
      )
      confirming.catch((error) => {
        if (submitted === undefined) reject(finalError(error))
      })
    })
  }

  async waitForRedemption(txHash: Hex, call: Call): Promise<RedemptionOutcome> {
    const confirming = this.#confirming.get(txHash)
    if (!confirming) return this.#poll(txHash, call)
    try {
      const { hash, receipt } = await confirming
      return { status: 'redeemed', txHash: hash, block: this.#lastSeenBlock(), paidWei: paidByRedemption(receipt) }
    } catch (error) {
      if (error instanceof ChainError && error.code === 'transaction_failed')
        return { status: 'reverted', message: error.message }
      if (error instanceof ChainError && error.code === 'transaction_unconfirmed') return { status: 'dropped' }
      throw error
    } finally {
      this.#confirming.delete(txHash)
    }
  }

  isUsedTicket(ticketHash: Hex): Promise<boolean> {
    return isUsedTicket(this.#client, ticketHash)
  }

  /** After a restart only the hash is known. */
  async #poll(txHash: Hex, call: Call): Promise<RedemptionOutcome> {
    for (;;) {
      call.signal?.throwIfAborted()
      const state = await transactionState(this.#client, txHash)
      if (state === 'gone') return { status: 'dropped' }
      if (state !== 'pending')
        return state.status === 'success'
          ? { status: 'redeemed', txHash, block: this.#lastSeenBlock(), paidWei: paidByRedemption(state) }
          : { status: 'reverted', message: 'the transaction failed on chain' }
      await this.#clock.sleep(1_000, { signal: call.signal })
    }
  }
}

function finalError(error: unknown): unknown {
  if (!(error instanceof ChainError) || error.code !== 'reverted') return error
  const reason = String(error.meta.reason ?? '')
  const code = FINAL_REASONS.find(([text]) => text.test(reason))?.[1]
  return code ? new MillraceError(code, error.message, { cause: error }) : error
}
