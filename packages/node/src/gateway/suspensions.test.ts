import { ManualClock } from '@millrace/base'
import { expect, it } from 'vitest'
import { Suspensions } from './suspensions.ts'

it('leaves a failing orchestrator alone, longer each time, and at most five minutes', async () => {
  const clock = new ManualClock()
  const suspensions = new Suspensions({ clock })
  expect(suspensions.suspend('a')).toBe(5_000)
  expect(suspensions.isSuspended('a')).toBe(true)
  expect(suspensions.isSuspended('b')).toBe(false)
  await clock.advance(5_000)
  expect(suspensions.isSuspended('a')).toBe(false)
  expect(suspensions.suspend('a')).toBe(10_000)
  for (let i = 0; i < 20; i++) suspensions.suspend('a')
  expect(suspensions.suspend('a')).toBe(300_000)
})

it('leaves it alone for that long whatever the clock of the machine is set to', async () => {
  const clock = new ManualClock()
  const suspensions = new Suspensions({ clock })
  suspensions.suspend('a')
  clock.skew(3_600_000)
  expect(suspensions.isSuspended('a')).toBe(true)
  clock.skew(-7_200_000)
  await clock.advance(5_000)
  expect(suspensions.isSuspended('a')).toBe(false)
})

it('forgets failures as an orchestrator succeeds', () => {
  const suspensions = new Suspensions({ clock: new ManualClock() })
  suspensions.suspend('a')
  suspensions.suspend('a')
  suspensions.succeed('a')
  expect(suspensions.isSuspended('a')).toBe(false)
  suspensions.succeed('a')
  expect(suspensions.suspend('a')).toBe(5_000)
})

it('forgets failures with time', async () => {
  const clock = new ManualClock()
  const suspensions = new Suspensions({ clock })
  for (let i = 0; i < 4; i++) suspensions.suspend('a')
  await clock.advance(40_000 + 600_000)
  expect(suspensions.suspend('a')).toBe(20_000)
  await clock.advance(20_000 + 2 * 600_000)
  expect(suspensions.suspend('a')).toBe(5_000)
})

it('segments that fail together are one failure', async () => {
  const clock = new ManualClock(1_000)
  const suspensions = new Suspensions({ clock })
  expect(suspensions.suspend('a', { begunMs: 900 })).toBe(5_000)
  await clock.advance(1_000)
  expect(suspensions.suspend('a', { begunMs: 950 })).toBe(4_000)
  expect(suspensions.suspend('a', { begunMs: 1_500 })).toBe(10_000)
})

it('one that fails again and again is broken until its time is over', async () => {
  const clock = new ManualClock()
  const suspensions = new Suspensions({ clock })
  suspensions.suspend('a')
  suspensions.suspend('a')
  expect(suspensions.isBroken('a')).toBe(false)
  suspensions.suspend('a')
  expect(suspensions.isBroken('a')).toBe(true)
  await clock.advance(20_000)
  expect(suspensions.isBroken('a')).toBe(false)
})
