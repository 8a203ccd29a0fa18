import { type Clock, errorText, type Log, systemClock } from '@millrace/base'
import { arbSysStandInAbi, outboxStandInAbi } from '@millrace/contracts'
import { arbSysAddress } from '@millrace/contracts/deploy'
import type { Address } from '@millrace/wire'
import type { Hash } from 'viem'
import type { ChainEnd } from './chain-end.ts'
import { BridgeError } from './errors.ts'
import { itemHash, type L2ToL1Message } from './messages.ts'

type LaneDeps = {
  readonly l1: ChainEnd
  readonly l2: ChainEnd
  readonly addresses: { readonly outbox: Address }
  readonly startBlock: bigint
  readonly confirmations: bigint
  readonly log: Log
  readonly clock?: Clock
}

/** Makes messages of layer 2 known on layer 1 in their order, and carries each out once after the challenge period. */
export class L2ToL1Lane {
  readonly #deps: LaneDeps
  readonly #clock: Clock
  /** All messages read so far, in order, and those known to be carried out; both begin anew with the process. */
  readonly #messages: L2ToL1Message[] = []
  readonly #spent = new Set<bigint>()
  readonly #retryAt = new Map<bigint, { at: number; pauseMs: number }>()
  #fromBlock: bigint

  constructor(deps: LaneDeps) {
    this.#deps = deps
    this.#clock = deps.clock ?? systemClock
    this.#fromBlock = deps.startBlock
  }

  /** Throws unless this account may post on layer 1 and both chains tell of the same messages. */
  async check(): Promise<void> {
    const { l1 } = this.#deps
    const poster = await l1.read('reading who posts', { ...this.#outbox, functionName: 'poster' })
    if (poster.toLowerCase() !== l1.account)
      throw new BridgeError('not_relayer', `layer 1 takes messages from ${poster} only, not from ${l1.account}`, {
        meta: { poster, account: l1.account },
      })
    await this.#sync()
  }

  /** Posts what layer 2 has sent and layer 1 does not know; returns how many messages. */
  async post({ signal }: { readonly signal?: AbortSignal } = {}): Promise<number> {
    const { l1, log } = this.#deps
    const posted = await this.#sync()
    const fresh = this.#messages.slice(Number(posted))
    for (const message of fresh) {
      signal?.throwIfAborted()
      const { index } = message
      try {
        const args = [index, itemHash(message)]
        const options = signal ? { signal } : {}
        await l1.send(`posting message ${index}`, { ...this.#outbox, functionName: 'post', args }, options)
        log.debug('message of layer 2 posted on layer 1', { index })
      } catch (error) {
        // A transaction of a killed process may have been on its way.
        if ((await this.#postedCount()) <= index) throw error
      }
    }
    return fresh.length
  }

  /** Carries out what is due; what fails is kept and tried again after growing pauses. Returns how many messages. */
  async executeDue({ signal }: { readonly signal?: AbortSignal } = {}): Promise<number> {
    const { l1, log } = this.#deps
    let executed = 0
    for (const { index } of await this.due()) {
      signal?.throwIfAborted()
      const retry = this.#retryAt.get(index)
      if (retry && retry.at > this.#clock.elapsed()) continue
      try {
        await this.execute(index)
        executed++
      } catch (error) {
        if (await l1.read('reading a message', { ...this.#outbox, functionName: 'isSpent', args: [index] })) continue
        const pauseMs = Math.min(60_000, 2 * (retry?.pauseMs ?? 500))
        this.#retryAt.set(index, { at: this.#clock.elapsed() + pauseMs, pauseMs })
        log.warn('a message of layer 2 failed on layer 1 and is kept', { index, error: errorText(error) })
      }
    }
    return executed
  }

  /** Messages whose challenge period is over and that were not carried out. */
  async due(): Promise<L2ToL1Message[]> {
    const { l1 } = this.#deps
    const posted = await this.#sync()
    const { timestamp } = await l1.ask('reading the head of layer 1', () => l1.rpc.getBlock())
    const due: L2ToL1Message[] = []
    for (const message of this.#messages.slice(0, Number(posted))) {
      const args = [message.index] as const
      if (this.#spent.has(message.index)) continue
      if (await l1.read('reading a message', { ...this.#outbox, functionName: 'isSpent', args })) {
        this.#spent.add(message.index)
        continue
      }
      const from = await l1.read('reading a message', { ...this.#outbox, functionName: 'executableFrom', args })
      if (from <= timestamp) due.push(message)
    }
    return due
  }

  /** Carries a posted message out; throws `reverted` if its call fails, and it can be tried again. */
  async execute(index: bigint): Promise<Hash> {
    await this.#sync()
    const message = this.#messages[Number(index)]
    if (!message) throw new BridgeError('message_unknown', `layer 2 has sent no message ${index}`, { meta: { index } })
    const { sender, to, l2Block, l1Block, timestamp, value, data } = message
    const hash = await this.#deps.l1.send(`carrying out message ${index}`, {
      ...this.#outbox,
      functionName: 'executeTransaction',
      args: [[], index, sender, to, l2Block, l1Block, timestamp, value, data],
    })
    this.#spent.add(index)
    this.#retryAt.delete(index)
    return hash
  }

  get #outbox() {
    return { address: this.#deps.addresses.outbox, abi: outboxStandInAbi }
  }

  #postedCount(): Promise<bigint> {
    return this.#deps.l1.read('counting messages', { ...this.#outbox, functionName: 'postedCount' })
  }

  /** Reads new messages of layer 2 and checks them against what was posted; returns how many were. */
  async #sync(): Promise<bigint> {
    const { l1, l2, confirmations } = this.#deps
    const posted = await this.#postedCount()
    const latest = await l2.ask('reading the head of layer 2', () => l2.rpc.getBlockNumber())
    const head = latest > confirmations ? latest - confirmations : 0n
    if (head >= this.#fromBlock) {
      const logs = await l2.ask('reading messages', () =>
        l2.rpc.getContractEvents({
          address: arbSysAddress,
          abi: arbSysStandInAbi,
          eventName: 'L2ToL1Transaction',
          fromBlock: this.#fromBlock,
          toBlock: head,
          strict: true,
        }),
      )
      for (const { args } of logs) {
        // The range begins with the block that was read last.
        if (args.uniqueId < BigInt(this.#messages.length)) continue
        if (args.uniqueId !== BigInt(this.#messages.length))
          throw new BridgeError('message_unreadable', `layer 2 does not give message ${this.#messages.length}`, {
            meta: { index: this.#messages.length },
          })
        this.#messages.push({
          index: args.uniqueId,
          sender: args.caller,
          to: args.destination,
          l2Block: args.arbBlockNum,
          l1Block: args.ethBlockNum,
          timestamp: args.timestamp,
          value: args.callvalue,
          data: args.data,
        })
      }
      this.#fromBlock = head
    }
    if (posted > 0n) {
      const last = this.#messages[Number(posted - 1n)]
      const item = await l1.read('reading a message', { ...this.#outbox, functionName: 'items', args: [posted - 1n] })
      if (!last || itemHash(last) !== item) throw diverged(posted - 1n)
    }
    return posted
  }
}

const diverged = (index: bigint) =>
  new BridgeError(
    'chains_diverged',
    `layer 1 has message ${index} in a form that layer 2 does not know: layer 2 has lost blocks; set both chains up anew`,
    { meta: { index } },
  )
