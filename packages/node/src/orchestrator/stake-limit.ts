import { errorText, type Log, type Lpt, type Part } from '@millrace/base'
import { type BlockFeed, type ChainClient, getOrchestrator, type RoundWatcher } from '@millrace/chain'
import type { Address } from '@millrace/wire'

export type StakeLimitOptions = {
  /** The bonded account. */
  readonly orchestrator: Address
  /** Stake that each session needs, in 1e-18 LPT; above 0. */
  readonly lptPerSession: Lpt
}

export type StakeLimitDeps = {
  readonly client: ChainClient
  readonly feed: BlockFeed
  readonly rounds: RoundWatcher
  readonly log: Log
}

/** Ties the sessions of an orchestrator to its active stake, which is read at the start and whenever a round begins. */
export class StakeLimit implements Part {
  readonly name = 'stake-limit'
  readonly #options: StakeLimitOptions
  readonly #deps: StakeLimitDeps
  #sessions = 0
  #round = -1n

  constructor(options: StakeLimitOptions, deps: StakeLimitDeps) {
    this.#options = options
    this.#deps = deps
    deps.feed.onBlock(async ({ reset }) => {
      if (this.#round < 0n || (!reset && deps.rounds.lastInitializedRound() === this.#round)) return
      await this.#read().catch((error) =>
        deps.log.warn('the stake could not be read; its last limit of sessions holds', { error: errorText(error) }),
      )
    })
  }

  /** Sessions that the stake allows; none while the orchestrator is not active. */
  get sessions(): number {
    return this.#sessions
  }

  /** Throws what reading the chain throws: without a limit nothing may be sold. */
  async start(): Promise<void> {
    await this.#read()
  }

  async #read(): Promise<void> {
    const { client, rounds, log } = this.#deps
    const { orchestrator, lptPerSession } = this.#options
    const round = rounds.lastInitializedRound()
    const { active, stake } = await getOrchestrator(client, orchestrator)
    const sessions = active ? Number(stake / lptPerSession) : 0
    if (sessions !== this.#sessions || this.#round < 0n)
      log.info('sessions that the active stake allows', { sessions, stake: stake.toString(), active, round })
    this.#sessions = sessions
    this.#round = round
  }
}
