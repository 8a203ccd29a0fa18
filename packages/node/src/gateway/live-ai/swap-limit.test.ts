import { expect, it } from 'vitest'
import { SwapLimit } from './swap-limit.ts'

const MINUTE = 60_000

it('a stream goes to another orchestrator twice in three minutes, and again when it was at rest', () => {
  const limit = new SwapLimit(0)
  expect([MINUTE, 2 * MINUTE, 3 * MINUTE].map((at) => limit.take(at))).toEqual([true, true, false])
  expect([5, 6, 7].map((at) => limit.take(at * MINUTE))).toEqual([true, true, false])
  expect(limit.take(20 * MINUTE)).toBe(true)
})
