import { type Clock, errorText, hasCode, type Log, MillraceError, type Part, systemClock } from '@millrace/base'
import type { L1Addresses } from '@millrace/contracts/deploy'
import type { Account } from 'viem'
import { ChainEnd } from './chain-end.ts'
import { BridgeError } from './errors.ts'
import { L1ToL2Lane } from './l1-to-l2.ts'
import { L2ToL1Lane } from './l2-to-l1.ts'

export type BridgeRelayerOptions = {
  readonly l1Url: string
  readonly l2Url: string
  /** Must be the relayer that the chains were set up with; needs ETH for gas, and on layer 2 for what messages carry. */
  readonly account: Account
  /** Where the bridge stands on layer 1. */
  readonly addresses: Required<Pick<L1Addresses, 'inbox' | 'bridge' | 'outbox'>>
  /** Blocks before which there were no messages. */
  readonly startBlocks?: { readonly l1: bigint; readonly l2: bigint }
  /** Blocks that must stand on top of a message before it is carried over. */
  readonly confirmations?: bigint
  readonly pollMs?: number
}

/** What one pass carried over. */
export type Relayed = { readonly delivered: number; readonly posted: number; readonly executed: number }

/**
 * Stands in for Arbitrum between two development chains: delivers messages of layer 1 in their order, makes those of
 * layer 2 known on layer 1 and carries them out after the challenge period. Where it stands is written on the chains
 * alone, which refuse every message that comes twice, so it may be killed at any moment.
 */
export class BridgeRelayer implements Part {
  readonly name = 'bridge-relayer'
  readonly down: L1ToL2Lane
  readonly up: L2ToL1Lane
  readonly #pollMs: number
  readonly #clock: Clock
  readonly #log: Log
  readonly #onFailure: ((error: BridgeError) => void) | undefined
  #stop = new AbortController()
  #running: Promise<void> | undefined

  constructor(
    options: BridgeRelayerOptions,
    deps: { readonly log: Log; readonly clock?: Clock; readonly onFailure?: (error: BridgeError) => void },
  ) {
    const { account, addresses, startBlocks = { l1: 0n, l2: 0n }, confirmations = 0n } = options
    const l1 = new ChainEnd(options.l1Url, account)
    const l2 = new ChainEnd(options.l2Url, account)
    this.#clock = deps.clock ?? systemClock
    this.#log = deps.log
    this.#onFailure = deps.onFailure
    this.#pollMs = options.pollMs ?? 250
    this.down = new L1ToL2Lane({ l1, l2, addresses, startBlock: startBlocks.l1, confirmations, log: deps.log })
    this.up = new L2ToL1Lane({ l1, l2, addresses, startBlock: startBlocks.l2, confirmations, log: deps.log })
  }

  /** Checks that this key may relay and that the chains fit together, then relays until stopped. */
  async start(): Promise<void> {
    await this.down.check()
    await this.up.check()
    this.#stop = new AbortController()
    this.#running = this.#loop(this.#stop.signal)
  }

  async stop(): Promise<void> {
    this.#stop.abort(new Error('stopped'))
    await this.#running
    this.#running = undefined
  }

  /** One pass in both directions. */
  async relayOnce({ signal }: { readonly signal?: AbortSignal } = {}): Promise<Relayed> {
    const delivered = await this.down.deliver(signal ? { signal } : {})
    const posted = await this.up.post(signal ? { signal } : {})
    const executed = await this.up.executeDue(signal ? { signal } : {})
    return { delivered, posted, executed }
  }

  async #loop(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.relayOnce({ signal })
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof BridgeError && hasCode(error, 'chains_diverged')) {
          this.#log.error('the relayer has stopped', { error: errorText(error) })
          this.#onFailure?.(error)
          return
        }
        const code = error instanceof MillraceError ? error.code : 'unknown'
        this.#log.warn('a message could not be relayed and is tried again', { code, error: errorText(error) })
      }
      await this.#clock.sleep(this.#pollMs, { signal }).catch(() => {})
    }
  }
}
