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

it('forgets failures as an orchestrator succeeds', () => {
  const suspensions = new Suspensions({ clock: new ManualClock() })
  suspensions.suspend('a')
  suspensions.suspend('a')
  suspensions.succeed('a')
  expect(suspensions.isSuspended('a')).toBe(false)
  suspensions.succeed('a')
  expect(suspensions.suspend('a')).toBe(5_000)
})
