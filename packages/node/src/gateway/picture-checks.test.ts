import { silentLog } from '@millrace/base'
import { countPixels, type Judgement } from '@millrace/media'
import type { NodeEventBody } from '@millrace/wire'
import { beforeAll, beforeEach, expect, it } from 'vitest'
import type { SourceSegment } from './buyer.ts'
import { LADDER, openMedia, type TestMedia } from './gateway-fixture.ts'
import { PictureChecks } from './picture-checks.ts'

const SERVICE = 'https://o.example:8935'
const STEADY = { pictures: 4, worstMotion: 1, stillness: 0, frozen: 0 }
const alike = (ssim: number): Judgement => ({
  outcome: 'compared',
  comparison: { ...STEADY, ssim, likeness: ssim, motion: 1 },
})
const OTHER: Judgement = { outcome: 'compared', comparison: { ...STEADY, ssim: 0.2, likeness: 0.05, motion: 0 } }

let media: TestMedia
let quality: number | undefined
let asked: number
let judgement: Judgement
let random: number
let events: NodeEventBody[]

beforeAll(async () => {
  media = await openMedia()
}, 60_000)
beforeEach(() => {
  quality = undefined
  asked = 0
  judgement = alike(0.97)
  random = 0.99
  events = []
})

function check(segment: SourceSegment = media.segment(0), oneIn = 10): Promise<void> {
  const checks = new PictureChecks(
    { oneIn },
    {
      book: {
        quality: () => quality,
        compared: (_, value) => {
          quality = value
        },
      },
      judge: {
        prepare: () => {},
        compare: async () => {
          asked++
          return judgement
        },
      },
      tell: (event) => void events.push(event),
      log: silentLog,
      random: () => random,
    },
  )
  const { data } = media.segment(0)
  return checks.check({
    segment,
    ladder: LADDER,
    renditions: LADDER.map(() => data),
    pictures: LADDER.map(() => countPixels(data, 'mpegts')),
    orchestrator: '0x00000000000000000000000000000000000000aa',
    serviceUri: SERVICE,
  })
}

it('the first result of an orchestrator is looked at, and after that one in so many', async () => {
  await check()
  expect([asked, quality]).toEqual([1, 0.97])
  await check()
  expect(asked).toBe(1)
  random = 0.099
  await check()
  expect(asked).toBe(2)
  expect(events).toHaveLength(2)
  expect(events[0]).toMatchObject({ type: 'result_compared', orchestratorUri: SERVICE, ssim: 0.97 })
})

it('who showed something else is refused, and looked at every time for a while', async () => {
  judgement = OTHER
  await expect(check()).rejects.toMatchObject({ code: 'wrong_pictures' })
  expect(quality).toBe(0)
  expect(events[0]).toHaveProperty('fault')
  await expect(check()).rejects.toMatchObject({ code: 'wrong_pictures' })
  judgement = { outcome: 'undecodable', reason: 'no picture' }
  await expect(check()).rejects.toMatchObject({ code: 'wrong_pictures' })
  expect(asked).toBe(3)
})

it('what could not be looked at, for a reason of our own, is taken and nothing is known of it', async () => {
  judgement = { outcome: 'unchecked', reason: 'busy' }
  await check()
  await check()
  expect([asked, quality, events]).toEqual([2, undefined, []])
})

it('nobody is looked at where the operator does not want it, but sizes and numbers always count', async () => {
  await check(media.segment(0), 0)
  expect(asked).toBe(0)
  const shorter = { ...media.segment(0), data: media.segment(0).data.subarray(0, 188 * 8) }
  const pictures = countPixels(shorter.data, 'mpegts').frames
  expect(pictures).toBeLessThan(6)
  await expect(check(shorter, 0)).rejects.toMatchObject({ code: 'wrong_pictures' })
})

it('a source whose pictures cannot be counted is not held against its renditions', async () => {
  await check({ ...media.segment(0), data: new Uint8Array(1_000) }, 0)
})
