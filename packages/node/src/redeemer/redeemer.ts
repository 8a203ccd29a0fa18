import type { Log, Part, Wei } from '@millrace/base'
import { isActive, type TxSender } from '@millrace/chain'
import {
  type PaymentParameters,
  RedemptionQueue,
  SenderMonitor,
  type TicketStore,
  type WinningTicket,
} from '@millrace/payments'
import type { Address, TellEvent } from '@millrace/wire'
import type { ChainAccess } from '../chain-access.ts'
import type { RedeemerLink } from '../links/ports.ts'
import { ChainTicketBroker } from './chain-broker.ts'

export type RedeemerOptions = {
  /** Whose tickets are redeemed. */
  readonly recipient: Address
  readonly parameters: PaymentParameters
}

export type RedeemerDeps = {
  readonly chain: ChainAccess
  /** Pays the gas; not necessarily the recipient. */
  readonly sender: TxSender
  readonly store: TicketStore
  readonly tell: TellEvent
  readonly log: Log
}

/** Redeems one recipient's winning tickets, and knows how much senders can still pay it. */
export class Redeemer implements Part, RedeemerLink {
  readonly name = 'redeemer'
  readonly recipient: Address
  readonly senders: SenderMonitor
  readonly #queue: RedemptionQueue
  #active = true

  constructor(options: RedeemerOptions, deps: RedeemerDeps) {
    const { chain, sender, store, tell, log } = deps
    const { recipient, parameters } = options
    this.recipient = recipient
    this.senders = new SenderMonitor({ claimant: recipient }, { reserves: chain.reserves, clock: chain.clock })
    chain.senders.onChange((changed) => this.senders.changed(changed))
    // Fees of an inactive orchestrator are refused by the BondingManager (v11 and later), so its tickets wait.
    chain.feed.onBlock(async ({ logs, reset }) => {
      if (reset || logs.some(({ eventName }) => eventName === 'NewRound'))
        this.#active = await isActive(chain.client, recipient)
    })
    const broker = new ChainTicketBroker({
      client: chain.client,
      sender,
      lastSeenBlock: () => chain.rounds.lastSeenBlock(),
    })
    this.#queue = new RedemptionQueue(
      { recipient, parameters },
      {
        broker,
        store,
        clock: chain.clock,
        gasPrices: chain.gasPrices,
        senders: this.senders,
        isActive: () => this.#active,
        tell,
        log,
      },
    )
  }

  /** False while the recipient is not in the active set. */
  get active(): boolean {
    return this.#active
  }

  start(options: { readonly signal: AbortSignal }): Promise<void> {
    return this.#queue.start(options)
  }

  stop(): Promise<void> {
    return this.#queue.stop()
  }

  queueTicket(ticket: WinningTicket, call: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    return this.#queue.queueTicket(ticket, call)
  }

  maxFloat(sender: Address, call: { readonly signal?: AbortSignal | undefined } = {}): Promise<Wei> {
    return this.senders.maxFloat(sender, call)
  }
}
