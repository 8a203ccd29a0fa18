import { ManualClock, silentLog } from '@millrace/base'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { PerfScores } from './perf-scores.ts'
import { BAD_ANSWERS, openWeb } from './web-fixture.ts'

const A = `0x${'aB'.repeat(20)}`
const ADDRESS = A.toLowerCase() as `0x${string}`
let web: Awaited<ReturnType<typeof openWeb>>
let clock: ManualClock

beforeEach(async () => {
  web = await openWeb({ [A]: { FRA: { score: 0.9, success_rate: 1 }, NYC: { score: 0.5 } } })
  clock = new ManualClock(1_000_000)
})
afterEach(() => web.close())

const open = (region?: string) => new PerfScores({ url: web.url, region }, { clock, log: silentLog })

it('knows the score of a region, whatever the case, and without a region the mean', async () => {
  for (const [region, score] of [
    ['fra', 0.9],
    ['NYC', 0.5],
    [undefined, 0.7],
    ['LON', undefined],
  ] as const) {
    const scores = open(region)
    await scores.refresh()
    expect(scores.get(ADDRESS)).toBe(score)
  }
})

it('reads the scores again after ten minutes, without making anybody wait', async () => {
  const scores = open('FRA')
  await scores.refresh()
  web.serve({ [A]: { FRA: { score: 0.1 } } })
  expect(scores.get(ADDRESS)).toBe(0.9)
  await clock.advance(600_000)
  expect(scores.get(ADDRESS)).toBe(0.9)
  await expect.poll(() => scores.get(ADDRESS)).toBe(0.1)
  expect(web.asked).toHaveLength(2)
})

it.each(BAD_ANSWERS)('keeps the scores when it is answered with %s', async (_, answer) => {
  const scores = open('FRA')
  await scores.refresh()
  web.serveBy((_, response) => answer(response))
  await scores.refresh()
  expect(scores.get(ADDRESS)).toBe(0.9)
})
