import { expect, it } from 'vitest'
import { FrameGate } from './frame-gate.ts'

/** How many of ten seconds' pictures are taken each second. */
function rate(gate: FrameGate, fps: number, costMs = 0): number {
  let taken = 0
  for (let i = 0; i < fps * 10; i++)
    if (gate.takes((i * 90_000) / fps)) {
      taken++
      gate.cost(costMs)
    }
  return taken / 10
}

it('takes all pictures below the cap and as many as the cap above it', () => {
  expect(rate(new FrameGate(24), 24)).toBe(24)
  expect(rate(new FrameGate(24), 15)).toBe(15)
  for (const fps of [25, 30, 50, 60]) expect(rate(new FrameGate(24), fps)).toBeCloseTo(24, 0)
})

it('takes fewer where one costs so much that they would queue', () => {
  expect(rate(new FrameGate(24), 30, 100)).toBeLessThan(10)
  expect(rate(new FrameGate(24), 30, 100)).toBeGreaterThan(7.5)
})
