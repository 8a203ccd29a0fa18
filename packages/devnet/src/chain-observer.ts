import { errorText, type Log, type Part } from '@millrace/base'
import {
  BlockFeed,
  type ChainClient,
  getOrchestrator,
  getPool,
  getSenderInfo,
  getServiceUri,
  inflation,
  pendingFees,
  pendingStake,
  roundState,
  totalBonded,
  totalSupply,
} from '@millrace/chain'
import type { Address, TellEvent } from '@millrace/wire'

export type ChainObserverOptions = {
  readonly pollMs: number
  /** The gateway whose funds are shown. */
  readonly sender: Address | undefined
  /** Delegators that are shown with the orchestrator they back. */
  readonly delegators: readonly { readonly address: Address; readonly delegate: Address }[]
}

/** Reads everything that is shown of the chain at one and the same block, and tells it as one event. */
export class ChainObserver implements Part {
  readonly name = 'chain-observer'
  readonly #options: ChainObserverOptions
  readonly #deps: { readonly client: ChainClient; readonly tell: TellEvent; readonly log: Log }
  readonly #feed: BlockFeed
  #reading = false
  #stopped = false

  constructor(
    options: ChainObserverOptions,
    deps: { readonly client: ChainClient; readonly tell: TellEvent; readonly log: Log },
  ) {
    this.#options = options
    this.#deps = deps
    this.#feed = new BlockFeed({ pollMs: options.pollMs }, deps)
    this.#feed.onBlock(({ head }) => {
      if (this.#reading) return
      this.#reading = true
      void this.#observe(head.chainNumber)
        .catch((error) => this.#stopped || deps.log.debug('the chain was not read', { error: errorText(error) }))
        .finally(() => {
          this.#reading = false
        })
    })
  }

  start(): Promise<void> {
    return this.#feed.start()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#feed.stop()
  }

  async #observe(block: bigint): Promise<void> {
    const { client, tell } = this.#deps
    const at = { block }
    const { sender, delegators } = this.#options
    const pool = await getPool(client, at)
    const [round, supply, bonded, rate, orchestrators, funds] = await Promise.all([
      roundState(client, at),
      totalSupply(client, at),
      totalBonded(client, at),
      inflation(client, at),
      Promise.all(
        pool.map(async (address) => {
          const backers = delegators.filter(({ delegate }) => delegate === address)
          const [o, serviceUri, fees, stakes] = await Promise.all([
            getOrchestrator(client, address, at),
            getServiceUri(client, address, at),
            pendingFees(client, address, at),
            Promise.all(backers.map((backer) => pendingStake(client, backer.address, at))),
          ])
          return {
            address,
            serviceUri,
            active: o.active,
            stakeLpt: o.stake.toString(),
            pendingFeesWei: fees.toString(),
            rewardCutPerc6: o.rewardCut.toString(),
            feeSharePerc6: o.feeShare.toString(),
            lastRewardRound: o.lastRewardRound.toString(),
            delegators: backers.map((backer, i) => ({
              address: backer.address,
              stakeLpt: (stakes[i] ?? 0n).toString(),
            })),
          }
        }),
      ),
      sender && getSenderInfo(client, sender, at),
    ])
    if (this.#stopped) return
    tell({
      type: 'chain_state',
      block: block.toString(),
      round: round.currentRound.toString(),
      roundInitialized: round.initialized,
      blocksToNextRound: Number(round.roundLength - ((block - round.startBlock) % round.roundLength)),
      roundLength: Number(round.roundLength),
      totalSupplyLpt: supply.toString(),
      totalBondedLpt: bonded.toString(),
      inflationPerc9: rate.toString(),
      orchestrators,
      ...(sender && funds
        ? {
            sender: {
              address: sender,
              depositWei: funds.deposit.toString(),
              reserveWei: funds.reserve.fundsRemaining.toString(),
            },
          }
        : {}),
    })
  }
}
