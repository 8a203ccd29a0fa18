import { expect, it } from 'vitest'
import { type Candidate, DEFAULT_WEIGHTS, type SelectionOptions, selectOrchestrator } from './selection.ts'
import { UPSTREAM_SELECTION, upstreamChances } from './selection-upstream.ts'

const STREAMS = 500

/** Random numbers that are the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const orchestrator = (i: number, more: Partial<Candidate> = {}): Candidate => ({
  serviceUri: `https://o${i}:8935`,
  address: undefined,
  pricePerPixel: { num: BigInt(5 + i), den: 1n },
  latencyScore: 0.3 + 0.05 * i,
  quality: 0.95,
  stakeLpt: BigInt(100 * (1 + ((i * 3) % 10))),
  suspended: false,
  ...more,
})

const TEN = Array.from({ length: 10 }, (_, i) => orchestrator(i))

/** How many of the streams each orchestrator gets, in the order of the candidates. */
function bought(candidates: readonly Candidate[], options: SelectionOptions, streams = STREAMS, seed = 1): number[] {
  const random = seeded(seed)
  const counts = candidates.map(() => 0)
  for (let stream = 0; stream < streams; stream++) {
    const { picked } = selectOrchestrator(candidates, options, random())
    counts[candidates.findIndex(({ serviceUri }) => serviceUri === picked)]!++
  }
  return counts
}

/** Of nine degrees of freedom one sample in a thousand is above 27.88. */
function expectToFollow(counts: readonly number[], chances: readonly number[]): void {
  const chi2 = counts.reduce((sum, count, i) => sum + (count - STREAMS * chances[i]!) ** 2 / (STREAMS * chances[i]!), 0)
  expect(chi2).toBeLessThan(27.88)
}

const chancesOf = (options: SelectionOptions) =>
  selectOrchestrator(TEN, options, 0).verdicts.map(({ probability }) => probability)

it('500 streams over 10 orchestrators follow the weights', () => {
  const options = { weights: DEFAULT_WEIGHTS }
  for (const seed of [1, 2, 3]) expectToFollow(bought(TEN, options, STREAMS, seed), chancesOf(options))
})

it("500 streams over 10 newcomers follow go-livepeer's weights on request", () => {
  const newcomers = TEN.map((candidate) => ({ ...candidate, latencyScore: undefined }))
  const counts = bought(newcomers, { weights: DEFAULT_WEIGHTS, upstream: UPSTREAM_SELECTION })
  expectToFollow(counts, upstreamChances(newcomers, UPSTREAM_SELECTION))
})

it('a sample that follows other weights is told apart', () => {
  const counts = bought(TEN, { weights: { price: 0, quality: 0, latency: 0, stake: 1, random: 0 } })
  expect(() => expectToFollow(counts, chancesOf({ weights: DEFAULT_WEIGHTS }))).toThrow()
})

it.each([
  ['our weights', { weights: DEFAULT_WEIGHTS }],
  ["go-livepeer's weights", { weights: DEFAULT_WEIGHTS, upstream: UPSTREAM_SELECTION }],
])('doubling a stake raises the share of its orchestrator, by %s', (_, options) => {
  const newcomers = TEN.map((candidate) => ({ ...candidate, latencyScore: undefined }))
  const doubled = newcomers.map((c, i) => (i === 3 ? { ...c, stakeLpt: 2n * c.stakeLpt } : c))
  expect(bought(doubled, options, 5_000)[3]!).toBeGreaterThan(1.1 * bought(newcomers, options, 5_000)[3]!)
})

it.each([
  ['price', { pricePerPixel: { num: 1n, den: 1n } }],
  ['quality', { quality: 0.999 }],
  ['latency', { latencyScore: 0.05 }],
] as const)('raising the weight of %s moves the share to the better orchestrator', (name, better) => {
  const candidates = TEN.map((c, i) => (i === 4 ? { ...c, ...better } : c))
  const share = (weight: number) => {
    const rest = (1 - weight) / 4
    const weights = { price: rest, quality: rest, latency: rest, stake: rest, random: rest, [name]: weight }
    return bought(candidates, { weights }, 5_000)[4]!
  }
  expect(share(0.5)).toBeGreaterThan(share(0.2))
  expect(share(0.9)).toBeGreaterThan(share(0.5))
})
