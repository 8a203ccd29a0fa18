import type { Lpt, Perc6, Perc27, Wei } from '@millrace/base'
import { perc6, perc27 } from './percent.ts'

/** An orchestrator in a round, as far as its earnings depend on it. */
export type EarningOrchestrator = {
  /** Own and delegated stake at the start of the round. */
  readonly stake: Lpt
  /** Part of rewards that it keeps. */
  readonly rewardCut: Perc6
  /** Part of fees that it gives to delegators. */
  readonly feeShare: Perc6
  /** Its own rewards, not claimed yet when the round began; they work as its stake. */
  readonly unclaimedRewards: Lpt
  /** Cumulative reward factor before this round; 0 if there is none. */
  readonly rewardFactor: Perc27
  /** Cumulative fee factor so far. */
  readonly feeFactor: Perc27
}

/** Where a reward goes. */
export type RewardSplit = {
  readonly treasury: Lpt
  /** Added to the orchestrator's stake, own and delegated. */
  readonly stake: Lpt
  /** The orchestrator's cut. */
  readonly commission: Lpt
  /** Shared among everybody's stake, the orchestrator's included. */
  readonly shared: Lpt
  /** Added to the orchestrator's unclaimed rewards: the cut, and the share of those rewards. Its bond earns through the factor. */
  readonly unclaimed: Lpt
  readonly rewardFactor: Perc27
}

/** Splits what a reward call mints. */
export function splitReward(
  minted: Lpt,
  orchestrator: Omit<EarningOrchestrator, 'feeShare' | 'feeFactor'>,
  treasuryCut: Perc27,
): RewardSplit {
  const { stake: before, rewardCut, unclaimedRewards } = orchestrator
  const treasury = perc27.of(minted, treasuryCut)
  const stake = minted - treasury
  const commission = perc6.of(stake, rewardCut)
  const shared = stake - commission
  const factor = orchestrator.rewardFactor || perc27.whole
  return {
    treasury,
    stake,
    commission,
    shared,
    unclaimed: commission + perc27.ofFraction(shared, unclaimedRewards, before),
    rewardFactor: factor + perc27.ofFraction(factor, shared, before),
  }
}

/** Where the fee of a winning ticket goes. */
export type FeeSplit = {
  /** Shared among everybody's stake, the orchestrator's included. */
  readonly shared: Wei
  /** Booked for the orchestrator itself: the rest, and the share of its unclaimed rewards. */
  readonly own: Wei
  readonly feeFactor: Perc27
}

/**
 * Splits a fee; `rewardFactor` is that before this round's reward.
 * Where the round before has no factor and the reward was called first, the contract estimates it, about a billionth off.
 */
export function splitFees(fees: Wei, orchestrator: Omit<EarningOrchestrator, 'rewardCut'>): FeeSplit {
  const { stake, feeShare, unclaimedRewards, rewardFactor, feeFactor } = orchestrator
  const shared = perc6.of(fees, feeShare)
  return {
    shared,
    own: fees - shared + perc27.ofFraction(shared, unclaimedRewards, stake),
    feeFactor: feeFactor + perc27.ofFraction(rewardFactor || perc27.whole, shared, stake),
  }
}

/** Cumulative factors of an orchestrator in one round; 0 where the round has none. */
export type Factors = { readonly rewardFactor: Perc27; readonly feeFactor: Perc27 }

/** A delegator's bond since its last claim. */
export type Bond = {
  readonly bonded: Lpt
  readonly fees: Wei
  /** Factors of its orchestrator in the round of the last claim. */
  readonly start: Factors
  /** Newest factors of its orchestrator. */
  readonly end: Factors
}

/** Stake with all rewards so far. An orchestrator adds its own unclaimed rewards to it. */
export const pendingStakeOf = ({ bonded, start, end }: Bond): Lpt =>
  perc27.ofFraction(bonded, end.rewardFactor || perc27.whole, start.rewardFactor || perc27.whole)

/** Fees with all earnings so far. An orchestrator adds its own unclaimed fees to it. */
export const pendingFeesOf = ({ bonded, fees, start, end }: Bond): Wei =>
  fees + perc27.ofFraction(bonded, end.feeFactor - start.feeFactor, start.rewardFactor || perc27.whole)
