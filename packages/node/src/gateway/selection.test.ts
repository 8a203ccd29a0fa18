import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Candidate, DEFAULT_WEIGHTS, selectOrchestrator } from './selection.ts'

const candidate = (name: string, more: Partial<Candidate> = {}): Candidate => ({
  serviceUri: `https://${name}`,
  address: undefined,
  pricePerPixel: { num: 1n, den: 1n },
  latencyScore: 0.5,
  quality: 0.95,
  stakeLpt: 100n,
  suspended: false,
  ...more,
})

/** How often each candidate is drawn in many even draws. */
function shares(candidates: readonly Candidate[], weights = DEFAULT_WEIGHTS): Record<string, number> {
  const counts: Record<string, number> = {}
  const draws = 10_000
  for (let i = 0; i < draws; i++) {
    const { picked } = selectOrchestrator(candidates, { weights }, (i + 0.5) / draws)
    if (picked) counts[picked] = (counts[picked] ?? 0) + 1 / draws
  }
  return counts
}

it('draws equals equally', () => {
  const result = shares([candidate('a'), candidate('b')])
  expect(result['https://a']).toBeCloseTo(0.5, 3)
})

it.each([
  ['a lower price', { pricePerPixel: { num: 1n, den: 2n } }],
  ['a higher stake', { stakeLpt: 400n }],
  ['a shorter delay', { latencyScore: 0.1 }],
  ['a better picture', { quality: 0.99 }],
])('draws %s more often, and the other still', (_, better) => {
  const result = shares([candidate('a', better), candidate('b')])
  expect(result['https://a']).toBeGreaterThan(0.52)
  expect(result['https://b']).toBeGreaterThan(0.05)
})

it('leaves out who is too dear or suspended, and says so', () => {
  const candidates = [
    candidate('a', { pricePerPixel: { num: 3n, den: 1n } }),
    candidate('b', { suspended: true }),
    candidate('c'),
  ]
  const { picked, verdicts } = selectOrchestrator(
    candidates,
    { weights: DEFAULT_WEIGHTS, maxPricePerPixel: { num: 2n, den: 1n } },
    0.1,
  )
  expect(picked).toBe('https://c')
  expect(verdicts.map(({ reason }) => reason)).toEqual(['too_dear', 'suspended', 'picked'])
})

it('takes a suspended one when nobody else is left, but never one that is too dear', () => {
  expect(selectOrchestrator([candidate('a', { suspended: true })], { weights: DEFAULT_WEIGHTS }, 0.5).picked).toBe(
    'https://a',
  )
  const dear = [candidate('a', { pricePerPixel: { num: 3n, den: 1n } })]
  expect(
    selectOrchestrator(dear, { weights: DEFAULT_WEIGHTS, maxPricePerPixel: { num: 2n, den: 1n } }, 0.5).picked,
  ).toBeUndefined()
})

it('gives the same choice for the same inputs, and probabilities that sum to 1', () => {
  const anyCandidate = fc.record({
    address: fc.string({ minLength: 4, maxLength: 4 }),
    price: fc.integer({ min: 0, max: 1_000 }),
    latency: fc.option(fc.double({ min: 0, max: 10, noNaN: true }), { nil: undefined }),
    stake: fc.integer({ min: 0, max: 1_000_000 }),
    suspended: fc.boolean(),
  })
  fc.assert(
    fc.property(
      fc.uniqueArray(anyCandidate, { selector: (c) => c.address, minLength: 1, maxLength: 8 }),
      fc.double({ min: 0, max: 0.999999, noNaN: true }),
      (list, random) => {
        const candidates = list.map((c) =>
          candidate(c.address, {
            pricePerPixel: { num: BigInt(c.price), den: 1n },
            latencyScore: c.latency,
            stakeLpt: BigInt(c.stake),
            suspended: c.suspended,
          }),
        )
        const first = selectOrchestrator(candidates, { weights: DEFAULT_WEIGHTS }, random)
        expect(selectOrchestrator(candidates, { weights: DEFAULT_WEIGHTS }, random)).toEqual(first)
        expect(first.verdicts.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9)
        expect(first.picked).toBeDefined()
      },
    ),
  )
})

it('leaves an orchestrator that became slower than real time for a quicker or an unknown one, not for a slower one', () => {
  const current = { serviceUri: 'https://a', used: 1 }
  const reasons = (own: Partial<Candidate>, other: Partial<Candidate>) =>
    selectOrchestrator(
      [candidate('a', own), candidate('b', other)],
      { weights: DEFAULT_WEIGHTS, current },
      0,
    ).verdicts.map(({ reason }) => reason)
  expect(reasons({ latencyScore: 0.9 }, { latencyScore: 0.1 })).toEqual(['kept', 'not_drawn'])
  expect(reasons({ latencyScore: 1.1 }, { latencyScore: 0.9 })).toEqual(['slow', 'picked'])
  expect(reasons({ latencyScore: 1.1 }, { latencyScore: undefined })).toEqual(['slow', 'picked'])
  expect(reasons({ latencyScore: 1.1 }, { latencyScore: 2 })).toEqual(['picked', 'not_drawn'])
  expect(reasons({ latencyScore: 0.1, late: true }, { latencyScore: 2 })).toEqual(['slow', 'picked'])
})

it('takes the one that holds credit of a lost hedge, as long as it is quick and free', () => {
  const pick = (more: Partial<Candidate>) =>
    selectOrchestrator([candidate('a'), candidate('b', { creditWei: 5n, ...more })], { weights: DEFAULT_WEIGHTS }, 0)
      .picked
  expect(pick({})).toBe('https://b')
  expect(pick({ latencyScore: 1.5 })).toBe('https://a')
  expect(pick({ suspended: true })).toBe('https://a')
  expect(pick({ tried: true })).toBe('https://a')
})
