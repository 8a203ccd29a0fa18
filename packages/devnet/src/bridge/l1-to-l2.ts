import type { Log } from '@millrace/base'
import { bridgeStandInAbi, inboxStandInAbi, retryablesStandInAbi } from '@millrace/contracts'
import { installAliasedSender, retryablesAddress } from '@millrace/contracts/deploy'
import type { Address } from '@millrace/wire'
import { BaseError, decodeErrorResult, type Hash, type Hex, isHex, size } from 'viem'
import type { ChainEnd } from './chain-end.ts'
import { BridgeError } from './errors.ts'
import { decodeInboxMessage, type L1ToL2Message } from './messages.ts'

type LaneDeps = {
  readonly l1: ChainEnd
  readonly l2: ChainEnd
  readonly addresses: { readonly inbox: Address; readonly bridge: Address }
  readonly startBlock: bigint
  readonly confirmations: bigint
  readonly log: Log
}

/** A message that arrived on layer 2 and whose call was not made yet. */
export type WaitingMessage = { readonly number: bigint; readonly ticketId: Hex; readonly timeout: bigint }

const retryables = { address: retryablesAddress.toLowerCase() as Address, abi: retryablesStandInAbi }

/** Carries messages from layer 1 to layer 2, in their order and each once. */
export class L1ToL2Lane {
  readonly #deps: LaneDeps
  /** Where the next message stands at the earliest; only saves reading, and begins anew with the process. */
  #fromBlock: bigint

  constructor(deps: LaneDeps) {
    this.#deps = deps
    this.#fromBlock = deps.startBlock
  }

  /** Throws unless this account relays on layer 2 and both chains tell of the same messages. */
  async check(): Promise<void> {
    const { l2 } = this.#deps
    const relayer = await l2.read('reading who relays', { ...retryables, functionName: 'relayer' })
    if (relayer.toLowerCase() !== l2.account)
      throw new BridgeError('not_relayer', `layer 2 takes messages from ${relayer} only, not from ${l2.account}`, {
        meta: { relayer, account: l2.account },
      })
    await this.#next()
  }

  /** Delivers what layer 1 has and layer 2 has not; returns how many messages. */
  async deliver({ signal }: { readonly signal?: AbortSignal } = {}): Promise<number> {
    const { next, count, head } = await this.#next()
    if (next >= count) return 0
    const messages = await this.#read(next, count, head)
    for (const message of messages) {
      signal?.throwIfAborted()
      await this.#deliverOne(message, signal)
    }
    this.#fromBlock = head
    return messages.length
  }

  /** Messages that arrived and wait to be redeemed, e.g. because their first attempt failed. */
  async waiting(): Promise<WaitingMessage[]> {
    const { l2 } = this.#deps
    const logs = await l2.ask('reading what became of messages', () =>
      l2.rpc.getContractEvents({ ...retryables, fromBlock: 0n, strict: true }),
    )
    const gone = new Set(
      logs
        .filter(({ eventName }) => ['Redeemed', 'Canceled', 'Expired'].includes(eventName))
        .map(({ args }) => args.ticketId),
    )
    const arrived = logs.filter(({ eventName }) => eventName === 'TicketCreated').map(({ args }) => args.ticketId)
    const waiting: WaitingMessage[] = []
    for (const [index, ticketId] of arrived.entries()) {
      const timeout = gone.has(ticketId) ? undefined : await this.#timeout(ticketId)
      if (timeout !== undefined) waiting.push({ number: BigInt(index), ticketId, timeout })
    }
    return waiting
  }

  /** Makes the call of a waiting message; throws `reverted` if it fails again, and the message stays. */
  async redeem(number: bigint): Promise<Hash> {
    const ticketId = await this.#ticketId(number)
    if ((await this.#timeout(ticketId)) === undefined)
      throw new BridgeError('message_unknown', `message ${number} does not wait on layer 2`, { meta: { number } })
    return this.#deps.l2.send(`redeeming message ${number}`, {
      ...retryables,
      functionName: 'redeem',
      args: [ticketId],
    })
  }

  async #next(): Promise<{ next: bigint; count: bigint; head: bigint }> {
    const { l1, l2, addresses, confirmations } = this.#deps
    const latest = await l1.ask('reading the head of layer 1', () => l1.rpc.getBlockNumber())
    const head = latest > confirmations ? latest - confirmations : 0n
    const bridge = { address: addresses.bridge, abi: bridgeStandInAbi }
    const count = await l1.read('counting messages', { ...bridge, functionName: 'messageCount', blockNumber: head })
    // Both at one block, so that another process that relays cannot come in between.
    const blockNumber = await l2.ask('reading the head of layer 2', () => l2.rpc.getBlockNumber())
    const next = await l2.read('counting messages', { ...retryables, functionName: 'delivered', blockNumber })
    const there = await l2.read('reading the hash of messages', {
      ...retryables,
      functionName: 'inboxAcc',
      blockNumber,
    })
    if (next > 0n) {
      const last = next - 1n
      const known = await l1.read('counting messages', { ...bridge, functionName: 'messageCount' })
      if (last >= known) throw diverged(last)
      const here = await l1.read('reading the hash of messages', { ...bridge, functionName: 'inboxAccs', args: [last] })
      if (here !== there) throw diverged(last)
    }
    return { next, count, head }
  }

  async #read(next: bigint, count: bigint, head: bigint): Promise<L1ToL2Message[]> {
    const { l1, addresses } = this.#deps
    const range = { fromBlock: this.#fromBlock, toBlock: head, strict: true } as const
    const numbers = Array.from({ length: Number(count - next) }, (_, index) => next + BigInt(index))
    const [bodies, senders] = await l1.ask('reading messages', () =>
      Promise.all([
        l1.rpc.getContractEvents({
          address: addresses.inbox,
          abi: inboxStandInAbi,
          eventName: 'InboxMessageDelivered',
          args: { messageNum: numbers },
          ...range,
        }),
        l1.rpc.getContractEvents({
          address: addresses.bridge,
          abi: bridgeStandInAbi,
          eventName: 'MessageDelivered',
          args: { messageIndex: numbers },
          ...range,
        }),
      ]),
    )
    const senderOf = new Map(senders.map(({ args }) => [args.messageIndex, args.sender]))
    const bodyOf = new Map(bodies.map(({ args }) => [args.messageNum, args.data]))
    return numbers.map((number) => {
      const [sender, body] = [senderOf.get(number), bodyOf.get(number)]
      if (sender === undefined || body === undefined)
        throw new BridgeError('message_unreadable', `layer 1 counts message ${number} but does not give its log`, {
          retryable: true,
          meta: { number },
        })
      return decodeInboxMessage(number, sender, body)
    })
  }

  async #deliverOne(message: L1ToL2Message, signal: AbortSignal | undefined): Promise<void> {
    const { l1, l2, addresses, log } = this.#deps
    const { number, aliasedSender } = message
    const code = await l2.ask('reading code', () => l2.rpc.getCode({ address: aliasedSender }))
    if (code === undefined || code === '0x')
      await l2.ask('giving a sender its alias', () => installAliasedSender(l2.rpc, aliasedSender))
    const acc = await l1.read('reading the hash of messages', {
      address: addresses.bridge,
      abi: bridgeStandInAbi,
      functionName: 'inboxAccs',
      args: [number],
    })
    try {
      const hash = await l2.send(
        `delivering message ${number}`,
        {
          ...retryables,
          functionName: 'deliver',
          args: [number, acc, message],
          value: message.deposit,
          gas: gasFor(message),
        },
        signal ? { signal } : {},
      )
      log.debug('message delivered to layer 2', { number, hash })
    } catch (error) {
      // A transaction of a killed process may have been on its way.
      const delivered = await l2.read('counting messages', { ...retryables, functionName: 'delivered' })
      if (delivered <= number) throw error
    }
  }

  #ticketId(number: bigint): Promise<Hex> {
    return this.#deps.l2.read('naming a message', { ...retryables, functionName: 'ticketIdOf', args: [number] })
  }

  async #timeout(ticketId: Hex): Promise<bigint | undefined> {
    try {
      return await this.#deps.l2.rpc.readContract({ ...retryables, functionName: 'getTimeout', args: [ticketId] })
    } catch (error) {
      if (revertName(error) === 'NoTicketWithID') return undefined
      throw error
    }
  }
}

/** Enough for writing the message down and for its first attempt, which the contract insists on; unused gas is free. */
function gasFor({ maxGas, data }: L1ToL2Message): bigint {
  const attempt = maxGas < MAX_FIRST_ATTEMPT ? maxGas : MAX_FIRST_ATTEMPT
  return 900_000n + 1_000n * BigInt(size(data)) + (attempt * 11n) / 10n
}

/** What RetryablesStandIn gives a first attempt at most. */
const MAX_FIRST_ATTEMPT = 10_000_000n

function revertName(error: unknown): string | undefined {
  if (!(error instanceof BaseError)) return undefined
  const data = (error.walk((cause) => isHex((cause as { data?: unknown }).data)) as { data?: Hex } | null)?.data
  const raw = (error.walk((cause) => isHex((cause as { raw?: unknown }).raw)) as { raw?: Hex } | null)?.raw
  const bytes = raw ?? data
  if (bytes === undefined) return undefined
  try {
    return decodeErrorResult({ abi: retryablesStandInAbi, data: bytes }).errorName
  } catch {
    return undefined
  }
}

const diverged = (number: bigint) =>
  new BridgeError(
    'chains_diverged',
    `layer 2 has message ${number} in a form that layer 1 does not know: layer 1 has lost blocks; set both chains up anew`,
    { meta: { number } },
  )
