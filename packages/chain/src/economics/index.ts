export {
  forecast,
  forecastRound,
  type NetworkEconomics,
  type RoundForecast,
  roundsUntilTreasuryCeiling,
} from './forecast.ts'
export { bondingRate, type Issuance, mintableTokens, mintedByReward, nextInflation } from './issuance.ts'
export { type PercScale, perc6, perc9, perc27 } from './percent.ts'
export { type ReserveView, reserveShare, ticketPayout } from './reserve.ts'
export {
  type Bond,
  type EarningOrchestrator,
  type Factors,
  type FeeSplit,
  pendingFeesOf,
  pendingStakeOf,
  type RewardSplit,
  splitFees,
  splitReward,
} from './rewards.ts'
export {
  type RoundPosition,
  type ScheduledLock,
  type UnbondingLock,
  unbondingSchedule,
  withdrawRoundOf,
} from './unbonding.ts'
export {
  delegatorYield,
  orchestratorYield,
  type RoundTime,
  roundsPerYear,
  type Yield,
  type YieldTerms,
} from './yield.ts'
