import type { Rational } from '@millrace/base'
import type { Address } from '@millrace/wire'

/** What a gateway knows of an orchestrator when it chooses. */
export type Candidate = {
  readonly address: Address
  readonly pricePerPixel: Rational
  /** Round trip over segment duration, a moving average; undefined before the first segment. */
  readonly latencyScore: number | undefined
  /** Rolling quality of its results in 0..1; undefined before the first sample. */
  readonly quality: number | undefined
  readonly stakeLpt: bigint
  readonly suspended: boolean
}

/** How much each property counts; the weights sum to 1. */
export type SelectionWeights = {
  readonly price: number
  readonly quality: number
  readonly latency: number
  readonly stake: number
  readonly random: number
}

/** Ours: everything that a buyer cares for counts. */
export const DEFAULT_WEIGHTS: SelectionWeights = { price: 0.2, quality: 0.2, latency: 0.25, stake: 0.25, random: 0.1 }
/** The defaults of go-livepeer's ProbabilitySelectionAlgorithm. */
export const UPSTREAM_WEIGHTS: SelectionWeights = { price: 0, quality: 0, latency: 0, stake: 0.7, random: 0.3 }

export type SelectionOptions = {
  readonly weights: SelectionWeights
  /** Dearer orchestrators are left out; undefined means any price. */
  readonly maxPricePerPixel?: Rational | undefined
}

/** Why an orchestrator was or was not picked. */
export type Verdict = {
  readonly address: Address
  readonly probability: number
  readonly reason: 'picked' | 'not_drawn' | 'suspended' | 'too_dear'
}

export type Selection = { readonly picked: Address | undefined; readonly verdicts: readonly Verdict[] }

/**
 * Draws one orchestrator; the same candidates and the same random number in [0, 1) give the same choice.
 * Suspended ones are taken only when nobody else is left.
 */
export function selectOrchestrator(
  candidates: readonly Candidate[],
  options: SelectionOptions,
  random: number,
): Selection {
  const { maxPricePerPixel: max } = options
  const affordable = candidates.filter((c) => !max || c.pricePerPixel.num * max.den <= max.num * c.pricePerPixel.den)
  const free = affordable.filter((c) => !c.suspended)
  const eligible = free.length > 0 ? free : affordable
  const probabilities = chances(eligible, options.weights)
  let picked: Address | undefined
  let sum = 0
  eligible.forEach((candidate, i) => {
    sum += probabilities[i]!
    if (picked === undefined && random < sum) picked = candidate.address
  })
  // Rounding may leave the sum a hair below 1: the last one takes the rest.
  picked ??= eligible.at(-1)?.address
  const verdicts = candidates.map((candidate): Verdict => {
    const at = eligible.indexOf(candidate)
    if (at < 0)
      return {
        address: candidate.address,
        probability: 0,
        reason: affordable.includes(candidate) ? 'suspended' : 'too_dear',
      }
    return {
      address: candidate.address,
      probability: probabilities[at]!,
      reason: candidate.address === picked ? 'picked' : 'not_drawn',
    }
  })
  return { picked, verdicts }
}

/** The share of each candidate: for each property its part of the whole, weighted; properties nobody differs in split evenly. */
function chances(candidates: readonly Candidate[], weights: SelectionWeights): number[] {
  const n = candidates.length
  const price = shares(
    candidates.map((c) => 1 / Math.max(1e-30, Number(c.pricePerPixel.num) / Number(c.pricePerPixel.den))),
  )
  // An unknown orchestrator counts as an average one, so that newcomers get a first segment.
  const latency = shares(candidates.map((c) => 1 / Math.max(0.05, c.latencyScore ?? 0.5)))
  const quality = shares(candidates.map((c) => (c.quality ?? 0.95) ** 16))
  const stake = shares(candidates.map((c) => Number(c.stakeLpt)))
  const total = weights.price + weights.quality + weights.latency + weights.stake + weights.random
  return candidates.map(
    (_, i) =>
      (weights.price * price[i]! +
        weights.quality * quality[i]! +
        weights.latency * latency[i]! +
        weights.stake * stake[i]! +
        weights.random / n) /
      total,
  )
}

function shares(values: readonly number[]): number[] {
  const sum = values.reduce((a, b) => a + b, 0)
  return values.map((value) => (sum > 0 && Number.isFinite(sum) ? value / sum : 1 / values.length))
}
