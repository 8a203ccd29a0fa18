import { type Clock, errorText, type Log, type Part, systemClock } from '@millrace/base'
import {
  bondingManagerAbi,
  controllerAbi,
  roundsManagerAbi,
  serviceRegistryAbi,
  ticketBrokerAbi,
} from '@millrace/contracts'
import { type Log as EventLog, parseEventLogs } from 'viem'
import { type ChainClient, getHead, type Head } from '../client.ts'
import { chainError } from '../errors.ts'

const abi = [
  ...bondingManagerAbi,
  ...controllerAbi,
  ...roundsManagerAbi,
  ...serviceRegistryAbi,
  ...ticketBrokerAbi,
] as const

/** A decoded event of the protocol's contracts. */
export type ProtocolLog = ReturnType<typeof parseEventLogs<typeof abi>>[number]

/** News from the chain: the latest block, and all protocol events since the news before. */
export type BlockNews = {
  readonly head: Head
  readonly logs: readonly ProtocolLog[]
  /** True at the first news and after a reorganisation: whatever was remembered must be read anew. */
  readonly reset: boolean
}

export type BlockListener = (news: BlockNews) => void | Promise<void>

const MAX_LOG_SPAN = 1_000n
/** Heads that are remembered, to know an RPC that lags by what it shows. */
const KEPT_HEADS = 64
/** Polls for which an older head counts as an RPC that lags; after that the chain itself went back. */
const LAG_POLLS = 8

/**
 * Follows the chain by polling, one listener call after the other, so that a listener never sees blocks out of order.
 * An RPC that fails is asked again with a growing pause; a chain that went back (a reorganisation, a restored state) is reported by `reset`.
 */
export class BlockFeed implements Part {
  readonly name = 'block-feed'
  readonly #client: ChainClient
  readonly #log: Log
  readonly #clock: Clock
  readonly #pollMs: number
  readonly #listeners: BlockListener[] = []
  readonly #stopping = new AbortController()
  #head: Head | undefined
  #running: Promise<void> | undefined
  #failures = 0
  readonly #recent = new Map<bigint, Head['hash']>()
  #behindSince: number | undefined

  constructor(
    options: { readonly pollMs: number },
    deps: { readonly client: ChainClient; readonly log: Log; readonly clock?: Clock },
  ) {
    this.#pollMs = options.pollMs
    this.#client = deps.client
    this.#log = deps.log
    this.#clock = deps.clock ?? systemClock
  }

  /** The last block seen; undefined before the first poll. */
  get head(): Head | undefined {
    return this.#head
  }

  /** Adds a listener; call before `start`. */
  onBlock(listener: BlockListener): void {
    this.#listeners.push(listener)
  }

  /** Reads the first block before it resolves, so that listeners have been told once. */
  async start(): Promise<void> {
    await this.#poll()
    this.#running = this.#loop()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #loop(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      try {
        await this.#clock.sleep(Math.min(30_000, this.#pollMs * 2 ** Math.min(5, this.#failures)), { signal })
        await this.#poll()
        this.#failures = 0
      } catch (error) {
        if (signal.aborted) return
        if (this.#failures++ === 0)
          this.#log.warn('the chain cannot be read, trying again', { error: errorText(error) })
      }
    }
  }

  async #poll(): Promise<void> {
    const head = await getHead(this.#client)
    const last = this.#head
    if (last && head.hash === last.hash) {
      this.#behindSince = undefined
      return
    }
    if (last && this.#lags(head, last)) return
    this.#behindSince = undefined
    const reset = !last || (await this.#wentBack(last, head))
    const logs = reset ? [] : await this.#logs(last.chainNumber + 1n, head.chainNumber)
    this.#remember(head, reset)
    this.#head = head
    for (const listener of this.#listeners) {
      try {
        await listener({ head, logs, reset })
      } catch (error) {
        this.#log.warn('handling a block failed', { block: head.number, error: errorText(error) })
      }
    }
  }

  /** True for an earlier head of the same chain: one RPC of several, or one machine behind an RPC, may be late by some blocks. */
  #lags(head: Head, last: Head): boolean {
    if (head.chainNumber >= last.chainNumber || this.#recent.get(head.chainNumber) !== head.hash) return false
    this.#behindSince ??= this.#clock.elapsed()
    return this.#clock.elapsed() - this.#behindSince < LAG_POLLS * this.#pollMs
  }

  #remember({ chainNumber, hash }: Head, reset: boolean): void {
    if (reset) this.#recent.clear()
    this.#recent.set(chainNumber, hash)
    const oldest = this.#recent.keys().next().value
    if (this.#recent.size > KEPT_HEADS && oldest !== undefined) this.#recent.delete(oldest)
  }

  async #wentBack(last: Head, head: Head): Promise<boolean> {
    if (head.chainNumber <= last.chainNumber) return true
    if (head.parentHash === last.hash) return false
    try {
      const block = await this.#client.rpc.getBlock({ blockNumber: last.chainNumber })
      return block.hash !== last.hash
    } catch (cause) {
      throw chainError(cause, 'reading an earlier block')
    }
  }

  async #logs(from: bigint, to: bigint): Promise<readonly ProtocolLog[]> {
    const { bondingManager, controller, roundsManager, serviceRegistry, ticketBroker } = this.#client.addresses
    const raw: EventLog[] = []
    try {
      for (let at = from; at <= to; at += MAX_LOG_SPAN) {
        const end = at + MAX_LOG_SPAN - 1n
        raw.push(
          ...(await this.#client.rpc.getLogs({
            address: [bondingManager, controller, roundsManager, serviceRegistry, ticketBroker],
            fromBlock: at,
            toBlock: end < to ? end : to,
          })),
        )
      }
    } catch (cause) {
      throw chainError(cause, 'reading the events of new blocks')
    }
    return parseEventLogs({ abi, logs: raw })
  }
}
