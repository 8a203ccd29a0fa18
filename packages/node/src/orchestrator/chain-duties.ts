import { type Clock, errorText, hasCode, type Log, MillraceError, type Part } from '@millrace/base'
import {
  type BlockFeed,
  bondingManager,
  type ChainClient,
  getOrchestrator,
  initializeRound,
  type RoundWatcher,
  rewardAmount,
  rewardHint,
  type TxResult,
  type TxSender,
} from '@millrace/chain'
import type { Address, TellEvent } from '@millrace/wire'

export type ChainDutiesOptions = {
  /** The bonded account; where the sender is another, it must be its reward caller. */
  readonly orchestrator: Address
  readonly callReward: boolean
  readonly initializeRounds: boolean
  /** A random part of it is waited before a round is begun; a block or none when undefined. */
  readonly initializeRoundMaxDelayMs?: number | undefined
}

export type ChainDutiesDeps = {
  readonly client: ChainClient
  readonly sender: TxSender
  readonly feed: BlockFeed
  readonly rounds: RoundWatcher
  readonly tell: TellEvent
  readonly log: Log
  readonly clock: Clock
  readonly random: () => number
}

/** Blocks over which several nodes spread the start of a round, so that not all of them pay for the same transaction. */
const SPREAD_BLOCKS = 2
/** Blocks between two tries after a failure. */
const RETRY_BLOCKS = 3n
/** A reward that is not called when this part of the round is left deserves somebody's attention. */
const LATE_PART = 0.25

/**
 * What an orchestrator owes the chain each round: initialising it, and calling reward. Both are tried again until they are done:
 * a price of gas above the maximum is waited out, and a transaction that stays unconfirmed is replaced at a rising price, until
 * the round is over. What is still undone when a quarter of the round is left is told as a warning.
 */
export class ChainDuties implements Part {
  readonly name = 'chain-duties'
  readonly #options: ChainDutiesOptions
  readonly #deps: ChainDutiesDeps
  readonly #stopping = new AbortController()
  #busy: Promise<void> = Promise.resolve()
  #idle = true
  #notBefore = 0n
  #rewardedRound = -1n
  #turn: { readonly round: bigint; readonly fromMs: number } | undefined
  #warnedRound = -1n
  #roundOver: { readonly round: bigint; readonly controller: AbortController } | undefined

  constructor(options: ChainDutiesOptions, deps: ChainDutiesDeps) {
    this.#options = options
    this.#deps = deps
    deps.feed.onBlock(({ head, reset }) => {
      if (reset) this.#rewardedRound = -1n
      this.#followRound()
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
    const { client, sender, rounds, tell } = this.#deps
    if (!this.#options.initializeRounds) return
    const round = rounds.currentRound()
    if (!this.#isOurTurn(round, block)) return
    try {
      const { hash } = await initializeRound(client, sender, { signal: this.#stopping.signal })
      tell({ type: 'round_initialized', round: round.toString(), block: block.toString(), txHash: hash })
    } catch (error) {
      // Somebody was faster: that is as good.
      if (!hasCode(error, 'reverted') && !hasCode(error, 'transaction_failed')) throw error
    }
    await rounds.refresh()
  }

  /** Drawn once a round: nodes begin it at different times, and those that come later find it done. */
  #isOurTurn(round: bigint, block: bigint): boolean {
    const { random, clock } = this.#deps
    const { initializeRoundMaxDelayMs: maxDelayMs } = this.#options
    if (maxDelayMs === undefined) {
      // A node that drew the second block looks again one block later.
      const waits = random() * SPREAD_BLOCKS >= 1 && this.#notBefore < block
      if (waits) this.#notBefore = block + 1n
      return !waits
    }
    if (this.#turn?.round !== round) this.#turn = { round, fromMs: clock.elapsed() + random() * maxDelayMs }
    return clock.elapsed() >= this.#turn.fromMs
  }

  async #reward(): Promise<void> {
    const { client, rounds, tell } = this.#deps
    const { orchestrator } = this.#options
    const round = rounds.currentRound()
    const { active, lastRewardRound } = await getOrchestrator(client, orchestrator)
    if (active && lastRewardRound < round) {
      const { hash, receipt } = await this.#callReward(round).catch((error) => {
        if (!this.#stopping.signal.aborted) tell({ type: 'reward_failed', orchestrator, round: round.toString() })
        throw error
      })
      tell({
        type: 'reward_called',
        orchestrator,
        round: round.toString(),
        amountLpt: rewardAmount(receipt).toString(),
        txHash: hash,
      })
    }
    this.#rewardedRound = round
  }

  async #callReward(round: bigint): Promise<TxResult> {
    const { client, sender } = this.#deps
    const { orchestrator } = this.#options
    const controller = new AbortController()
    this.#roundOver = { round, controller }
    try {
      const hint = await rewardHint(client, orchestrator)
      const call = {
        signal: AbortSignal.any([this.#stopping.signal, controller.signal]),
        maxReplacements: Number.POSITIVE_INFINITY,
      }
      if (orchestrator === sender.address) return await bondingManager.rewardWithHint(client, sender, hint, call)
      return await bondingManager.rewardForTranscoderWithHint(
        client,
        sender,
        { transcoder: orchestrator, ...hint },
        call,
      )
    } finally {
      this.#roundOver = undefined
    }
  }

  /** Ends waiting for a reward that came too late, and warns while there is still time. */
  #followRound(): void {
    const { rounds, tell, log } = this.#deps
    const round = rounds.currentRound()
    if (this.#roundOver && this.#roundOver.round < round)
      this.#roundOver.controller.abort(new MillraceError('round_over', `round ${this.#roundOver.round} is over`))
    const undone = this.#options.callReward && rounds.initialized() && this.#rewardedRound < round
    if (!undone || this.#warnedRound === round || rounds.partLeft() > LATE_PART) return
    this.#warnedRound = round
    const message = `reward of round ${round} is not called yet, and ${rounds.blocksToNextRound()} blocks are left: check the account's ETH and the price of gas`
    log.warn(message)
    tell({ type: 'warning', code: 'reward_late', message })
  }
}
