import type { Lpt, Perc6, Perc27 } from '@millrace/base'
import { perc6, perc27 } from './percent.ts'

const YEAR_SECONDS = 365 * 24 * 60 * 60

/** How long rounds take. */
export type RoundTime = {
  /** Blocks per round. */
  readonly roundLength: bigint
  /** 12 on Ethereum, whose blocks Arbitrum's rounds count. */
  readonly blockSeconds: number
}

/** Rounds in a year, whole ones. */
export const roundsPerYear = ({ roundLength, blockSeconds }: RoundTime): number =>
  Math.floor(YEAR_SECONDS / (Number(roundLength) * blockSeconds))

/** What stake earns in one round and in a year, as parts of itself. */
export type Yield = {
  readonly perRound: Perc27
  /** Twelve months of rewards that are not staked. */
  readonly apr: Perc27
  /** With rewards staked as they come, which the protocol does by itself. */
  readonly apy: Perc27
}

/** What rewards depend on, taken as they are now for the whole year. */
export type YieldTerms = RoundTime & {
  readonly mintable: Lpt
  /** Stake of all active orchestrators. */
  readonly bonded: Lpt
  readonly treasuryCut: Perc27
  readonly rewardCut: Perc6
}

/** What delegated stake earns in LPT. */
export function delegatorYield(terms: YieldTerms): Yield {
  return yearly(sharedPerRound(terms), terms)
}

/** What an orchestrator's own stake earns in LPT: its share like any delegator's, and its cut of everybody's. */
export function orchestratorYield(terms: YieldTerms & { readonly ownStake: Lpt; readonly totalStake: Lpt }): Yield {
  const whole = rewardPerRound(terms)
  const commission = perc6.of(perc27.ofFraction(whole, terms.totalStake, terms.ownStake), terms.rewardCut)
  return yearly(sharedPerRound(terms) + commission, terms)
}

/** Reward per staked unit, the treasury's part taken off. */
function rewardPerRound({ mintable, bonded, treasuryCut }: YieldTerms): Perc27 {
  if (bonded === 0n) return 0n
  const reward = perc27.part(mintable, bonded)
  return reward - perc27.of(reward, treasuryCut)
}

function sharedPerRound(terms: YieldTerms): Perc27 {
  const reward = rewardPerRound(terms)
  return reward - perc6.of(reward, terms.rewardCut)
}

function yearly(perRound: Perc27, time: RoundTime): Yield {
  const rounds = roundsPerYear(time)
  let grown: Perc27 = perc27.whole
  for (let round = 0; round < rounds; round++) grown += perc27.of(grown, perRound)
  return { perRound, apr: perRound * BigInt(rounds), apy: grown - perc27.whole }
}
