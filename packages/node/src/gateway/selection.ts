import { compareRational, type Rational } from '@millrace/base'
import type { Address } from '@millrace/wire'
import { type UpstreamSelection, upstreamChances } from './selection-upstream.ts'

/** What a gateway knows of an orchestrator when it chooses. */
export type Candidate = {
  /** Where it is reached; an orchestrator with several nodes is several candidates. */
  readonly serviceUri: string
  readonly address: Address | undefined
  readonly pricePerPixel: Rational
  /** Round trip over segment duration, a moving average; undefined before the first segment. */
  readonly latencyScore: number | undefined
  /** Rolling quality of its results in 0..1; undefined before the first sample. */
  readonly quality: number | undefined
  readonly stakeLpt: bigint
  readonly suspended: boolean
  /** From -orchPerfStatsUrl; undefined when it has none. */
  readonly perfScore?: number | undefined
  /** Credit that it holds from a hedge it lost, in wei; spent before anybody else is paid. */
  readonly creditWei?: bigint
  /** This segment was given to it already. */
  readonly tried?: boolean
  /** The segment is still arriving, and it takes only whole ones. */
  readonly wholeOnly?: boolean
  /** A segment that it has now is late. */
  readonly late?: boolean
  /** It failed again and again, and another segment is trying it at this moment. */
  readonly probed?: boolean
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

export type SelectionOptions = {
  readonly weights: SelectionWeights
  /** Chooses by go-livepeer's rules instead of by the weights. */
  readonly upstream?: UpstreamSelection | undefined
  /** Dearer orchestrators are left out; undefined means any price. */
  readonly maxPricePerPixel?: Rational | undefined
  /** When everybody is dearer, the price is forgotten. */
  readonly ignoreMaxPriceIfNeeded?: boolean | undefined
  /** Orchestrators with a lower performance score, or none, are left out while anybody else is there. */
  readonly minPerfScore?: number | undefined
  /** The orchestrator that had the stream's last segment. */
  readonly current?: { readonly serviceUri: string; readonly used: number } | undefined
}

/** Why an orchestrator was picked. */
export type PickReason = 'picked' | 'kept' | 'has_credit' | 'fastest_known'
/** Why it was not. */
export type PassReason =
  | 'not_drawn'
  | 'tried'
  | 'whole_only'
  | 'suspended'
  | 'probed'
  | 'too_dear'
  | 'low_score'
  | 'slow'

export type Verdict = {
  readonly serviceUri: string
  readonly address: Address | undefined
  readonly probability: number
  readonly reason: PickReason | PassReason
}

export type Selection = { readonly picked: string | undefined; readonly verdicts: readonly Verdict[] }

/** A stream stays with its orchestrator for so many segments before the choice is made again, so that the others are measured too. */
export const RESELECT_AFTER = 8
/** Above it results come slower than the segments they belong to. */
const TOO_SLOW = 1

/**
 * Chooses one orchestrator; the same candidates, options and random number in [0, 1) give the same choice.
 * Suspended ones are taken only when nobody else is left.
 */
export function selectOrchestrator(
  candidates: readonly Candidate[],
  options: SelectionOptions,
  random: number,
): Selection {
  const passed = new Map<Candidate, PassReason>()
  const eligible = filtered(candidates, options, passed)
  const { pick, reason, probabilities } = choose(eligible, options, random)
  const chanceOf = new Map(eligible.map((candidate, i) => [candidate, probabilities[i]!]))
  const verdicts = candidates.map((candidate): Verdict => {
    const { serviceUri, address } = candidate
    const why = candidate === pick ? reason : (passed.get(candidate) ?? 'not_drawn')
    return { serviceUri, address, probability: chanceOf.get(candidate) ?? 0, reason: why }
  })
  return { picked: pick?.serviceUri, verdicts }
}

/** Those that may be drawn; every rule but the first three gives way when it would leave nobody. */
function filtered(
  candidates: readonly Candidate[],
  options: SelectionOptions,
  passed: Map<Candidate, PassReason>,
): readonly Candidate[] {
  const { maxPricePerPixel: max, minPerfScore, current } = options
  const apply = (
    list: readonly Candidate[],
    reason: PassReason,
    keep: (candidate: Candidate) => boolean,
    givesWay: boolean,
  ) => {
    const kept = list.filter(keep)
    if (kept.length === 0 && givesWay) return list
    for (const candidate of list) if (!keep(candidate)) passed.set(candidate, reason)
    return kept
  }
  let list = apply(candidates, 'tried', (c) => !c.tried, false)
  list = apply(list, 'whole_only', (c) => !c.wholeOnly, false)
  list = apply(list, 'probed', (c) => !c.probed, false)
  if (minPerfScore !== undefined) list = apply(list, 'low_score', (c) => (c.perfScore ?? 0) >= minPerfScore, true)
  if (max)
    list = apply(
      list,
      'too_dear',
      (c) => compareRational(c.pricePerPixel, max) <= 0,
      options.ignoreMaxPriceIfNeeded ?? false,
    )
  list = apply(list, 'suspended', (c) => !c.suspended, true)
  // Nothing is won by leaving a slow one for a slower one, unless it does not answer at all.
  const isSwapped = (c: Candidate) =>
    c.serviceUri === current?.serviceUri &&
    isSlow(c) &&
    (c.late || list.some((other) => other !== c && (other.latencyScore ?? 0) < (c.latencyScore ?? 0)))
  return apply(list, 'slow', (c) => !isSwapped(c), true)
}

type Choice = { readonly pick: Candidate | undefined; readonly reason: PickReason; readonly probabilities: number[] }

function choose(eligible: readonly Candidate[], options: SelectionOptions, random: number): Choice {
  const { current, upstream, weights } = options
  const certain = (pick: Candidate, reason: PickReason): Choice => ({
    pick,
    reason,
    probabilities: eligible.map((candidate) => (candidate === pick ? 1 : 0)),
  })
  const owing = eligible.find((c) => (c.creditWei ?? 0n) > 0n && !c.suspended && !isSlow(c))
  if (owing) return certain(owing, 'has_credit')
  const last = eligible.find((c) => c.serviceUri === current?.serviceUri)
  if (last && current && !last.suspended && !isSlow(last) && current.used % RESELECT_AFTER !== 0)
    return certain(last, 'kept')
  if (!upstream) return drawn(eligible, chances(eligible, weights), random)
  // gl:server/selection.go MinLSSelector: the fastest known one, unless it is too slow and somebody unknown is there.
  const known = eligible.filter((c) => c.latencyScore !== undefined)
  const fastest = known.reduce<Candidate | undefined>(
    (best, c) => (best && best.latencyScore! <= c.latencyScore! ? best : c),
    undefined,
  )
  const unknown = eligible.filter((c) => c.latencyScore === undefined)
  if (fastest && (unknown.length === 0 || fastest.latencyScore! <= TOO_SLOW)) return certain(fastest, 'fastest_known')
  const shares = new Map(upstreamChances(unknown, upstream).map((share, i) => [unknown[i], share]))
  return drawn(
    eligible,
    eligible.map((c) => shares.get(c) ?? 0),
    random,
  )
}

const isSlow = (candidate: Candidate): boolean => (candidate.late ?? false) || (candidate.latencyScore ?? 0) > TOO_SLOW

function drawn(eligible: readonly Candidate[], probabilities: number[], random: number): Choice {
  let sum = 0
  const at = probabilities.findIndex((probability) => {
    sum += probability
    return random < sum
  })
  // Rounding may leave the sum a hair below 1: the last one with a chance takes the rest.
  const pick = eligible[at < 0 ? probabilities.findLastIndex((probability) => probability > 0) : at]
  return { pick, reason: 'picked', probabilities }
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
