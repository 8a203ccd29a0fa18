import type { Lpt, Perc9 } from '@millrace/base'
import { perc9 } from './percent.ts'

/** What decides about new LPT when a round is initialised. */
export type Issuance = {
  /** All LPT: on Arbitrum that of both layers. */
  readonly supply: Lpt
  /** Stake of the active orchestrators of the new round. */
  readonly bonded: Lpt
  readonly inflation: Perc9
  readonly inflationChange: Perc9
  readonly targetBondingRate: Perc9
}

/** The part of the supply that is bonded. */
export const bondingRate = ({ supply, bonded }: Pick<Issuance, 'supply' | 'bonded'>): Perc9 =>
  supply > 0n ? perc9.part(bonded, supply) : 0n

/** Inflation of the new round: it moves by one step towards more when too little is bonded, towards less when too much. */
export function nextInflation(issuance: Issuance): Perc9 {
  const { inflation, inflationChange, targetBondingRate } = issuance
  const rate = bondingRate(issuance)
  if (rate < targetBondingRate) return inflation + inflationChange
  if (rate > targetBondingRate) return inflation > inflationChange ? inflation - inflationChange : 0n
  return inflation
}

/** LPT that the rewards of one round can mint together. */
export const mintableTokens = (supply: Lpt, inflation: Perc9): Lpt => perc9.of(supply, inflation)

/** LPT that one orchestrator's reward call mints, the treasury's part included. */
export const mintedByReward = (mintable: Lpt, stake: Lpt, bonded: Lpt): Lpt => perc9.ofFraction(mintable, stake, bonded)
