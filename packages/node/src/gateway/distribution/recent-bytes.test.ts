import { ManualClock } from '@millrace/base'
import { expect, it } from 'vitest'
import { ByteCeiling, RecentBytes } from './recent-bytes.ts'

it('bytes are forgotten when their time is over', async () => {
  const clock = new ManualClock()
  const recent = new RecentBytes({ windowMs: 10_000 }, { now: () => clock.elapsed() })
  recent.add(100)
  clock.advance(6_000)
  recent.add(20)
  expect(recent.sum).toBe(120)
  clock.advance(5_000)
  expect(recent.sum).toBe(20)
  clock.advance(20_000)
  expect(recent.sum).toBe(0)
})

it('a stream is bounded by the minute and in all', async () => {
  const clock = new ManualClock()
  const ceiling = new ByteCeiling(
    { maxBytesPerMinute: 1_000, maxBytesPerStream: 1_500 },
    { now: () => clock.elapsed() },
  )
  expect(ceiling.allows(1_000)).toBe(true)
  expect(ceiling.allows(1_001)).toBe(false)
  ceiling.add(1_000)
  expect(ceiling.allows(1)).toBe(false)
  clock.advance(61_000)
  expect(ceiling.allows(500)).toBe(true)
  expect(ceiling.allows(501)).toBe(false)
})
