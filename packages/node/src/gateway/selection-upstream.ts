import { MillraceError, type Rational } from '@millrace/base'

/** The flags of go-livepeer's ProbabilitySelectionAlgorithm. */
export type UpstreamSelection = {
  /** -selectStakeWeight */
  readonly stakeWeight: number
  /** -selectPriceWeight */
  readonly priceWeight: number
  /** -selectRandFreq */
  readonly randFreq: number
  /** -selectPriceExpFactor: a price that is higher by so many wei per pixel has 1/e of the chance. */
  readonly priceExpFactor: number
}

/** The defaults of go-livepeer. */
export const UPSTREAM_SELECTION: UpstreamSelection = {
  stakeWeight: 0.7,
  priceWeight: 0,
  randFreq: 0.3,
  priceExpFactor: 100,
}

/** Throws `bad_config` unless the weights sum to 1, as go-livepeer demands at its start. */
export function checkUpstreamSelection(selection: UpstreamSelection): UpstreamSelection {
  const { stakeWeight, priceWeight, randFreq, priceExpFactor } = selection
  const parts = [stakeWeight, priceWeight, randFreq]
  const sum = parts.reduce((a, b) => a + b, 0)
  if (!(Math.abs(sum - 1) <= 0.0001) || parts.some((part) => part < 0))
    throw new MillraceError(
      'bad_config',
      `-selectStakeWeight, -selectPriceWeight and -selectRandFreq must be 0 or more and sum to 1, not ${sum}`,
    )
  if (!(priceExpFactor > 0)) throw new MillraceError('bad_config', '-selectPriceExpFactor must be above 0')
  return selection
}

/**
 * The chance of each candidate (wire spec 2.5): `w_price·e^(−p/E)/Σe^(−p/E) + w_stake·stake/Σstake + w_rand/n`.
 * Where nobody has stake, or every price is too high to tell apart, that term is split evenly;
 * go-livepeer counts it in full for each there, so that its draw always takes the first of the list.
 */
export function upstreamChances(
  candidates: readonly { readonly pricePerPixel: Rational; readonly stakeLpt: bigint }[],
  selection: UpstreamSelection,
): number[] {
  const n = candidates.length
  const exponents = candidates.map(({ pricePerPixel: { num, den } }) =>
    Math.exp(-Number(num) / Number(den) / selection.priceExpFactor),
  )
  const prices = exponents.reduce((a, b) => a + b, 0)
  const stakes = candidates.reduce((sum, { stakeLpt }) => sum + stakeLpt, 0n)
  return candidates.map(({ stakeLpt }, i) => {
    const price = prices > 0 ? exponents[i]! / prices : 1 / n
    const stake = stakes > 0n ? Number(stakeLpt) / Number(stakes) : 1 / n
    return selection.priceWeight * price + selection.stakeWeight * stake + selection.randFreq / n
  })
}
