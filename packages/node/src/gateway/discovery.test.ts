import { ManualClock } from '@millrace/base'
import { expect, it } from 'vitest'
import { waitForTerms } from './discovery.ts'

const SIGNAL = new AbortController().signal
const never = new Promise<void>(() => {})

/** Waits for terms and says after how many milliseconds it went on. */
async function waits(options: {
  readonly asked: readonly Promise<unknown>[]
  readonly anybodyAt?: number
  readonly signal?: AbortSignal
  readonly forMs?: number
}): Promise<number | undefined> {
  const clock = new ManualClock()
  let doneAt: number | undefined
  const anybody = () => clock.now() >= (options.anybodyAt ?? Number.POSITIVE_INFINITY)
  const work = waitForTerms(
    options.asked,
    { timeoutMs: 500, anybody, signal: options.signal ?? SIGNAL },
    { clock },
  ).then(() => {
    doneAt = clock.now()
  })
  for (let i = 0; i < (options.forMs ?? 10_000) / 100 && doneAt === undefined; i++) {
    await new Promise(setImmediate)
    if (doneAt === undefined) await clock.advance(100)
  }
  if (doneAt !== undefined) await work
  return doneAt
}

it('goes on at once when all have answered', async () => {
  expect(await waits({ asked: [Promise.resolve(), Promise.reject(new Error('no'))] })).toBe(0)
})

it('goes on after half a second with whoever has answered by then', async () => {
  expect(await waits({ asked: [never], anybodyAt: 100 })).toBe(500)
})

it.each([
  [600, 1_000],
  [1_500, 2_000],
  [2_100, 4_000],
  [4_100, 6_000],
])('doubles the time while nobody has answered: after an answer at %s ms it goes on at %s', async (at, until) => {
  expect(await waits({ asked: [never], anybodyAt: at })).toBe(until)
})

it('waits six seconds and no longer when nobody answers', async () => {
  expect(await waits({ asked: [never, never] })).toBe(6_000)
})

it('goes on at once when it is told to stop', async () => {
  const stop = new AbortController()
  stop.abort()
  expect(await waits({ asked: [never], signal: stop.signal })).toBe(0)
})
