import { expect, it } from 'vitest'
import { type Candidate, DEFAULT_WEIGHTS, selectOrchestrator } from './selection.ts'
import { checkUpstreamSelection, UPSTREAM_SELECTION, upstreamChances } from './selection-upstream.ts'

const candidate = (price: bigint, stakeLpt: bigint, more: Partial<Candidate> = {}): Candidate => ({
  serviceUri: `https://o${price}-${stakeLpt}`,
  address: undefined,
  pricePerPixel: { num: price, den: 1n },
  latencyScore: undefined,
  quality: undefined,
  stakeLpt,
  suspended: false,
  ...more,
})

// selection-probabilities, derived from the formula of wire spec 2.5.
it('reckons the chances as the network does', () => {
  const three = [candidate(100n, 1n), candidate(200n, 2n), candidate(300n, 1n)]
  const selection = { stakeWeight: 0.5, priceWeight: 0.3, randFreq: 0.2, priceExpFactor: 100 }
  const e = [Math.exp(-1), Math.exp(-2), Math.exp(-3)]
  const sum = e[0]! + e[1]! + e[2]!
  const expected = [0.25, 0.5, 0.25].map((stake, i) => 0.5 * stake + (0.3 * e[i]!) / sum + 0.2 / 3)
  upstreamChances(three, selection).forEach((chance, i) => {
    expect(chance).toBeCloseTo(expected[i]!, 12)
  })
  expect(upstreamChances(three, UPSTREAM_SELECTION).map((chance) => chance.toFixed(4))).toEqual([
    '0.2750',
    '0.4500',
    '0.2750',
  ])
})

it('splits evenly where nobody has stake', () => {
  expect(upstreamChances([candidate(1n, 0n), candidate(2n, 0n)], UPSTREAM_SELECTION)).toEqual([0.5, 0.5])
})

it('takes the fastest known one while it is fast enough, and draws among the unknown when it is not', () => {
  const options = { weights: DEFAULT_WEIGHTS, upstream: UPSTREAM_SELECTION }
  const quick = candidate(1n, 1n, { latencyScore: 0.4 })
  const quicker = candidate(2n, 1n, { latencyScore: 0.3 })
  const unknown = candidate(3n, 1n)
  expect(selectOrchestrator([quick, quicker, unknown], options, 0.5)).toMatchObject({ picked: quicker.serviceUri })
  const slow = [quick, quicker].map((c) => ({ ...c, latencyScore: 1.5 }))
  expect(selectOrchestrator([...slow, unknown], options, 0.5)).toMatchObject({ picked: unknown.serviceUri })
  expect(selectOrchestrator(slow, options, 0.5).verdicts.map(({ reason }) => reason)).toContain('fastest_known')
})

it('refuses weights that do not sum to 1', () => {
  expect(() => checkUpstreamSelection({ ...UPSTREAM_SELECTION, randFreq: 0.4 })).toThrow(/sum to 1/)
  expect(() => checkUpstreamSelection({ ...UPSTREAM_SELECTION, stakeWeight: Number.NaN })).toThrow(/sum to 1/)
  expect(() => checkUpstreamSelection({ ...UPSTREAM_SELECTION, priceExpFactor: 0 })).toThrow(/above 0/)
  expect(checkUpstreamSelection({ ...UPSTREAM_SELECTION, randFreq: 0.30005 })).toBeDefined()
})
