import { errorText, hasCode, type Log, type Part } from '@millrace/base'
import {
  type BlockFeed,
  type ChainClient,
  getOrchestrator,
  initializeRound,
  type RoundWatcher,
  reward,
  rewardAmount,
  type TxSender,
} from '@millrace/chain'
import type { TellEvent } from '@millrace/wire'

export type ChainDutiesDeps = {
  readonly client: ChainClient
  readonly sender: TxSender
  readonly feed: BlockFeed
  readonly rounds: RoundWatcher
  readonly tell: TellEvent
  readonly log: Log
  readonly random: () => number
}

/** Blocks over which several nodes spread the start of a round, so that not all of them pay for the same transaction. */
const SPREAD_BLOCKS = 2
/** Blocks between two tries after a failure. */
const RETRY_BLOCKS = 3n

/** What an orchestrator owes the chain each round: initialising it, and calling reward; both are tried again until they are done. */
export class ChainDuties implements Part {
  readonly name = 'chain-duties'
  readonly #options: { readonly callReward: boolean; readonly initializeRounds: boolean }
  readonly #deps: ChainDutiesDeps
  readonly #stopping = new AbortController()
  #busy: Promise<void> = Promise.resolve()
  #idle = true
  #notBefore = 0n
  #rewardedRound = -1n

  constructor(options: { readonly callReward: boolean; readonly initializeRounds: boolean }, deps: ChainDutiesDeps) {
    this.#options = options
    this.#deps = deps
    deps.feed.onBlock(({ head, reset }) => {
      if (reset) this.#rewardedRound = -1n
      if (!this.#idle || head.number < this.#notBefore || this.#stopping.signal.aborted) return
      this.#idle = false
      this.#busy = this.#work(head.number).finally(() => {
        this.#idle = true
      })
    })
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#busy
  }

  async #work(block: bigint): Promise<void> {
    const { rounds, log } = this.#deps
    try {
      if (!rounds.initialized()) await this.#initialize(block)
      else if (this.#options.callReward && this.#rewardedRound < rounds.currentRound()) await this.#reward()
    } catch (error) {
      if (this.#stopping.signal.aborted) return
      this.#notBefore = block + RETRY_BLOCKS
      log.warn('a duty of this round failed and will be tried again', {
        round: rounds.currentRound(),
        error: errorText(error),
      })
    }
  }

  async #initialize(block: bigint): Promise<void> {
    const { client, sender, rounds, tell, random } = this.#deps
    if (!this.#options.initializeRounds) return
    const round = rounds.currentRound()
    // The first block of the spread is drawn once: a node that drew 1 looks again one block later.
    if (random() * SPREAD_BLOCKS >= 1 && this.#notBefore < block) {
      this.#notBefore = block + 1n
      return
    }
    try {
      const { hash } = await initializeRound(client, sender, { signal: this.#stopping.signal })
      tell({ type: 'round_initialized', round: round.toString(), block: block.toString(), txHash: hash })
    } catch (error) {
      // Somebody was faster: that is as good.
      if (!hasCode(error, 'reverted') && !hasCode(error, 'transaction_failed')) throw error
    }
    await rounds.refresh()
  }

  async #reward(): Promise<void> {
    const { client, sender, rounds, tell } = this.#deps
    const round = rounds.currentRound()
    const { active, lastRewardRound } = await getOrchestrator(client, sender.address)
    if (active && lastRewardRound < round) {
      const { hash, receipt } = await reward(client, sender, { signal: this.#stopping.signal })
      tell({
        type: 'reward_called',
        orchestrator: sender.address,
        round: round.toString(),
        amountLpt: rewardAmount(receipt).toString(),
        txHash: hash,
      })
    }
    this.#rewardedRound = round
  }
}
