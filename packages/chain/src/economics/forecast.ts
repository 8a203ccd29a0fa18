import type { Lpt, Perc9, Perc27 } from '@millrace/base'
import { type Issuance, mintableTokens, mintedByReward, nextInflation } from './issuance.ts'
import { splitReward } from './rewards.ts'

/** A network between two rounds. */
export type NetworkEconomics = Omit<Issuance, 'bonded'> & {
  /** Stake of each orchestrator that will be active. */
  readonly stakes: readonly Lpt[]
  /** The treasury's part of rewards from the next round on. */
  readonly treasuryCut: Perc27
  readonly treasuryBalance: Lpt
  /** Balance at which the treasury's part ends; 0 for no limit. */
  readonly treasuryCeiling: Lpt
}

/** A network after a round in which every active orchestrator called its reward, in the order of `stakes`. */
export type RoundForecast = NetworkEconomics & {
  readonly inflation: Perc9
  /** What the round could mint. */
  readonly mintable: Lpt
  /** What the rewards minted; rounding keeps it a little below. */
  readonly minted: Lpt
  /** The part of it that the treasury got. */
  readonly toTreasury: Lpt
}

/** What the next rounds bring if nobody bonds or unbonds and every orchestrator calls its reward. Exact to the smallest unit. */
export function* forecast(start: NetworkEconomics): Generator<RoundForecast, never> {
  let network = start
  for (;;) {
    const next = forecastRound(network)
    yield next
    network = next
  }
}

/** What one round brings. */
export function forecastRound(network: NetworkEconomics): RoundForecast {
  const bonded = network.stakes.reduce((sum, stake) => sum + stake, 0n)
  const inflation = nextInflation({ ...network, bonded })
  const mintable = mintableTokens(network.supply, inflation)
  let { treasuryCut, treasuryBalance } = network
  let minted = 0n
  const stakes = network.stakes.map((stake) => {
    // The ceiling is looked at in every reward call and takes effect in the next round.
    if (network.treasuryCeiling > 0n && treasuryBalance >= network.treasuryCeiling) treasuryCut = 0n
    const amount = mintedByReward(mintable, stake, bonded)
    const terms = { stake, rewardCut: 0n, unclaimedRewards: 0n, rewardFactor: 0n }
    const split = splitReward(amount, terms, network.treasuryCut)
    minted += amount
    treasuryBalance += split.treasury
    return stake + split.stake
  })
  return {
    ...network,
    supply: network.supply + minted,
    stakes,
    inflation,
    mintable,
    minted,
    toTreasury: treasuryBalance - network.treasuryBalance,
    treasuryCut,
    treasuryBalance,
  }
}

/** Rounds in which the treasury still gets its part, undefined if that does not end within `limit` rounds. */
export function roundsUntilTreasuryCeiling(start: NetworkEconomics, limit = 10_000): number | undefined {
  if (start.treasuryCut === 0n) return 0
  let rounds = 0
  for (const { treasuryCut } of forecast(start)) {
    rounds++
    if (treasuryCut === 0n) return rounds
    if (rounds >= limit) return undefined
  }
  return undefined
}
