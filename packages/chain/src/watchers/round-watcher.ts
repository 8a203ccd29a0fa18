import type { BlockNumber, Round } from '@millrace/base'
import { fromHex } from '@millrace/base'
import type { ChainClient } from '../client.ts'
import { poolSize } from '../contracts/bonding-manager.ts'
import { blockHashForRound, type RoundState, roundState } from '../contracts/rounds-manager.ts'
import type { BlockFeed } from './block-feed.ts'

/** Knows where the protocol's clock stands, as of the last block seen. */
export class RoundWatcher {
  readonly #client: ChainClient
  #state: RoundState | undefined
  #poolSize = 0n
  #block: BlockNumber = 0n
  readonly #hashes = new Map<Round, Uint8Array>()

  constructor(deps: { readonly client: ChainClient; readonly feed: BlockFeed }) {
    this.#client = deps.client
    deps.feed.onBlock(async ({ head, logs, reset }) => {
      this.#block = head.number
      const relevant = logs.some((log) => ROUND_EVENTS.has(log.eventName))
      if (reset) this.#hashes.clear()
      if (reset || relevant) await this.refresh()
    })
  }

  async refresh(): Promise<void> {
    const [state, size] = await Promise.all([roundState(this.#client), poolSize(this.#client)])
    this.#state = state
    this.#poolSize = size
    const previous = state.lastInitializedRound - 1n
    if (previous >= 0n && !this.#hashes.has(previous))
      this.#hashes.set(previous, fromHex(await blockHashForRound(this.#client, previous)))
    this.#hashes.set(state.lastInitializedRound, fromHex(state.lastInitializedBlockHash))
  }

  /** The last round that was initialised; tickets carry its hash. */
  lastInitializedRound(): Round {
    return this.#state?.lastInitializedRound ?? 0n
  }

  /** The hash recorded for a recent round, or 32 zero bytes when it was never initialised or is long past. */
  blockHashForRound(round: Round): Uint8Array {
    return this.#hashes.get(round) ?? new Uint8Array(32)
  }

  /** The last block seen, in the protocol's count (L1 on Arbitrum). */
  lastSeenBlock(): BlockNumber {
    return this.#block
  }

  /** Orchestrators in the pool, the divisor of every reserve. */
  poolSize(): bigint {
    return this.#poolSize
  }

  /** The current round by block arithmetic, which is ahead of the last initialised one until somebody initialises it. */
  currentRound(): Round {
    const state = this.#state
    if (!state || state.roundLength === 0n) return 0n
    const passed = this.#block - state.startBlock
    return passed < state.roundLength ? state.currentRound : state.currentRound + passed / state.roundLength
  }

  /** Blocks until the next round begins. */
  blocksToNextRound(): number {
    const state = this.#state
    if (!state || state.roundLength === 0n) return 0
    return Number(state.roundLength - ((this.#block - state.startBlock) % state.roundLength))
  }

  /** How much of the current round is left, from 1 down to 0. */
  partLeft(): number {
    const length = this.#state?.roundLength ?? 0n
    return length === 0n ? 1 : this.blocksToNextRound() / Number(length)
  }

  /** True when the current round was initialised as of the last block seen. */
  initialized(): boolean {
    return this.lastInitializedRound() >= this.currentRound() && this.currentRound() > 0n
  }
}

const ROUND_EVENTS = new Set<string>(['NewRound', 'ParameterUpdate', 'TranscoderActivated', 'TranscoderDeactivated'])
