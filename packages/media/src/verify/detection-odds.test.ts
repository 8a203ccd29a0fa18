import { expect, it } from 'vitest'
import { randomOf } from './detection.fixture.ts'
import { expectedDetection } from './detection-odds.ts'

const ODDS = { lies: 1 / 20, looked: 1 / 10, seen: 1, segmentMs: 2_000, lookMs: 400, feeWei: 99_849_600n }

it('who lies at one segment in twenty, with one in ten looked at, is seen after 200 segments and ten paid lies', () => {
  const expected = expectedDetection(ODDS)
  expect(expected.paidWei).toBe(998_496_000n)
  expect(expected.segments).toBeCloseTo(200, 9)
  expect(expected.seconds).toBeCloseTo(400, 9)
  expect(expected.paidLies).toBeCloseTo(10, 9)
  expect(expected.cpuMs).toBeCloseTo(8_000, 6)
  expect(expected.cores).toBeCloseTo(0.02, 9)
  expect(expectedDetection({ ...ODDS, looked: 1 }).segments).toBeCloseTo(20, 9)
})

it('is what ten thousand played streams take on average', () => {
  const random = randomOf(7)
  let total = 0
  for (let stream = 0; stream < 10_000; stream++)
    for (;;) {
      total++
      if (random() < ODDS.lies && random() < ODDS.looked) break
    }
  expect(total / 10_000 / expectedDetection(ODDS).segments).toBeCloseTo(1, 1)
})
