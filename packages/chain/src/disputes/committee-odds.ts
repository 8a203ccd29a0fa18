/** A committee as the odds see it: parts are fractions of 1. */
export type CommitteeOdds = {
  readonly seats: number
  /** Part of the seats that a verdict must exceed. */
  readonly threshold: number
  /** Part of the jurors' stake that votes against the truth on purpose. */
  readonly colluding: number
  /** Part of the honest votes that are wrong all the same; 0 if left out. */
  readonly mistakes?: number
}

/**
 * Bounds the probability that a committee says "lie" about an honest orchestrator.
 * Seats against it are a sum of independent variables between 0 and 1 with the mean m = seats · part of the stake, so
 * Chernoff's inequality bounds the probability of more than t = threshold · seats by exp(−m · h(t / m)),
 * h(x) = x ln x − x + 1. 1 where the mean reaches the threshold, where nothing is bounded.
 */
export function chanceOfFalseVerdict({ seats, threshold, colluding, mistakes = 0 }: CommitteeOdds): number {
  const against = colluding + (1 - colluding) * mistakes
  if (against === 0) return 0
  const x = threshold / against
  return x <= 1 ? 1 : Math.exp(-seats * against * (x * Math.log(x) - x + 1))
}

/** What one lie brings and costs; amounts in LPT, parts are fractions of 1. */
export type LieOdds = {
  /** What the orchestrator saves by one lie. */
  readonly gain: number
  /** The orchestrator's own stake. */
  readonly stake: number
  readonly slash: number
  /** Probability that a segment is looked at again and challenged. */
  readonly sampled: number
  /** Probability that a challenged lie is found to be one. */
  readonly convicted: number
}

/** Expected profit of one lie, in LPT. */
export const profitOfLying = ({ gain, stake, slash, sampled, convicted }: LieOdds): number =>
  gain - sampled * convicted * slash * stake
