import { silentLog } from '@millrace/base'
import { countPixels, PictureJudge } from '@millrace/media'
import { makeTestFilm } from '@millrace/media/testing'
import { manifestId } from '@millrace/wire'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { openOrchestrator, type TestOrchestrator } from '../orchestrator/orchestrator-fixture.ts'
import { type BoughtSegment, SegmentBuyer } from './buyer.ts'
import { delivers, entryOf, LADDER, openBuying, openMedia, type TestMedia } from './gateway-fixture.ts'
import { KeyPayments } from './payment-source.ts'

const SIGNAL = new AbortController().signal
const FREQ = 4

let media: TestMedia
let other: { readonly data: Uint8Array; readonly pixels: bigint }
let judge: PictureJudge
let trusted: TestOrchestrator
let honest: TestOrchestrator
let liar: TestOrchestrator
let buying: ReturnType<typeof openBuying>
let buyer: SegmentBuyer
let random: number

beforeAll(async () => {
  media = await openMedia()
  const { width, height, frames } = countPixels(media.clips[0]!.data, 'mpegts')
  const film = await makeTestFilm({
    ...{ chain: `mandelbrot=size=${width}x${height}:rate=${frames}`, fps: frames, seconds: 1, segmentMs: 1_000 },
    bitrateBps: 300_000,
  })
  const { data } = film.segments[0]!
  other = { data, pixels: countPixels(data, 'mpegts').pixels }
  judge = new PictureJudge({ timeoutMs: 20_000 }, { log: silentLog })
}, 60_000)
afterAll(() => judge.close())

beforeEach(async () => {
  random = 0.5
  trusted = await openOrchestrator()
  honest = await openOrchestrator()
  liar = await openOrchestrator()
  for (const one of [trusted, honest, liar]) delivers(one, media)
})
afterEach(async () => {
  await buyer.close()
  buying.close()
  for (const one of [trusted, honest, liar]) await one[Symbol.asyncDispose]()
})

function open(untrusted: readonly TestOrchestrator[], trusts: readonly TestOrchestrator[] = [trusted]): void {
  const { gatewaySigner, tickets, hashing, chain, domain } = trusted
  const payer = new KeyPayments({ signer: gatewaySigner, tickets })
  const entries = [...trusts.map((one) => ({ ...entryOf(one), trusted: true })), ...untrusted.map(entryOf)]
  buying = openBuying(gatewaySigner, () => entries)
  buyer = new SegmentBuyer(
    {
      ...{ manifestId: manifestId('clip'), ladder: LADDER, maxAttempts: 3 },
      maxPricePerPixel: undefined,
      domain,
      verificationFreq: FREQ,
    },
    { ...buying, judge, lastSeenBlock: () => chain.block, payer, hashing, random: () => random },
  )
}

const lies = (): void => {
  liar.worker.transcode = async (job) => {
    liar.jobs.push(job)
    return { decodedPixels: other.pixels, renditions: job.profiles.map(() => other) }
  }
}
const buy = async (seq: number) => (await buyer.buy(media.segment(seq), { signal: SIGNAL })) as BoughtSegment
const asked = () => [trusted, honest, liar].map(({ jobs }) => jobs.length)

it('a segment is bought three times, and who delivers what the trusted one does goes on alone', async () => {
  open([honest, liar])
  const first = await buy(0)
  expect([honest, liar].map(({ signer }) => signer.address)).toContain(first.orchestrator)
  expect(first.paid).toBe(true)
  expect(asked()).toEqual([1, 1, 1])
  expect(trusted.jobs[0]!.signatures).toBe(true)
  for (const seq of [1, 2]) expect((await buy(seq)).orchestrator).toBe(first.orchestrator)
  expect(asked()).toHaveLength(3)
  expect(trusted.jobs).toHaveLength(1)
  // Its turn comes again.
  random = 0.2
  await buy(3)
  expect(asked()).toEqual([2, honest.jobs.length, liar.jobs.length])
})

it('who shows something else is suspended, and the other one is used', async () => {
  lies()
  open([honest, liar])
  expect(await buy(0)).toMatchObject({ orchestrator: honest.signer.address, paid: true })
  expect(buying.book.isSuspended(liar.serviceUri())).toBe(true)
  expect(buying.book.isSuspended(honest.serviceUri())).toBe(false)
})

it('the trusted result is used when no other is like it', async () => {
  lies()
  open([liar])
  expect(await buy(0)).toMatchObject({ orchestrator: trusted.signer.address, paid: true })
})

it('nothing is bought twice where all are trusted, or none', async () => {
  open([], [trusted, honest])
  await buy(0)
  expect(trusted.jobs.length + honest.jobs.length).toBe(1)
})

it('the segment is bought from others when the trusted one fails', async () => {
  trusted.worker.transcode = async () => {
    throw new Error('it is broken')
  }
  open([honest])
  expect(await buy(0)).toMatchObject({ orchestrator: honest.signer.address, paid: true })
})
