import type { Address } from '@millrace/wire'
import type { ChainClient } from '../client.ts'
import { claimedReserve, getSenderInfo, type SenderInfo } from '../contracts/ticket-broker.ts'
import type { BlockFeed } from './block-feed.ts'

const MAX_SENDERS = 10_000

/** Funds of gateways as of the last block seen; a sender is read once and again after every event or round that concerns it. */
export class SenderWatcher {
  readonly #client: ChainClient
  readonly #claimant: Address | undefined
  readonly #infos = new Map<Address, Promise<SenderInfo & { readonly claimedByMe: bigint }>>()
  readonly #listeners: ((sender: Address) => void)[] = []

  constructor(
    options: { readonly claimant?: Address | undefined },
    deps: { readonly client: ChainClient; readonly feed: BlockFeed },
  ) {
    this.#client = deps.client
    this.#claimant = options.claimant
    deps.feed.onBlock(({ logs, reset }) => {
      if (reset || logs.some((log) => log.eventName === 'NewRound')) {
        const known = [...this.#infos.keys()]
        this.#infos.clear()
        for (const sender of known) this.#tell(sender)
        return
      }
      for (const log of logs) {
        const sender = senderOf(log.eventName, log.args as Record<string, unknown>)
        if (sender && this.#infos.delete(sender)) this.#tell(sender)
      }
    })
  }

  /** Deposit, reserve and unlocking state of a sender, and what this claimant took from its reserve this round. */
  async get(sender: Address): Promise<SenderInfo & { readonly claimedByMe: bigint }> {
    const key = sender.toLowerCase() as Address
    const known = this.#infos.get(key)
    if (known) return known
    const reading = this.#read(key)
    if (this.#infos.size >= MAX_SENDERS) this.#infos.delete(this.#infos.keys().next().value as Address)
    this.#infos.set(key, reading)
    reading.catch(() => this.#infos.delete(key))
    return reading
  }

  onChange(listener: (sender: Address) => void): void {
    this.#listeners.push(listener)
  }

  async #read(sender: Address): Promise<SenderInfo & { readonly claimedByMe: bigint }> {
    const [info, claimedByMe] = await Promise.all([
      getSenderInfo(this.#client, sender),
      this.#claimant ? claimedReserve(this.#client, { reserveHolder: sender, claimant: this.#claimant }) : 0n,
    ])
    return { ...info, claimedByMe }
  }

  #tell(sender: Address): void {
    for (const listener of this.#listeners) listener(sender)
  }
}

function senderOf(eventName: string, args: Record<string, unknown>): Address | undefined {
  const key = eventName === 'ReserveFunded' || eventName === 'ReserveClaimed' ? 'reserveHolder' : 'sender'
  if (!SENDER_EVENTS.has(eventName)) return undefined
  return (args[key] as string | undefined)?.toLowerCase() as Address | undefined
}

const SENDER_EVENTS = new Set([
  'DepositFunded',
  'ReserveFunded',
  'ReserveClaimed',
  'Withdrawal',
  'WinningTicketTransfer',
  'WinningTicketRedeemed',
  'Unlock',
  'UnlockCancelled',
])
