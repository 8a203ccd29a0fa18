import { silentLog } from '@millrace/base'
import { countPixels, muxTs, PictureJudge } from '@millrace/media'
import { makeTestClip } from '@millrace/media/testing'
import { DEVNET_PRICE_PER_PIXEL } from '@millrace/payments'
import { manifestId, renditionsHash, signHashMessage, type TranscodeData, type TranscodeResult } from '@millrace/wire'
import { createKeySigner } from '@millrace/wire/node'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openOrchestrator, type TestOrchestrator } from '../orchestrator/orchestrator-fixture.ts'
import { type BoughtSegment, SegmentBuyer } from './buyer.ts'
import {
  changesAnswers,
  delivers,
  entryOf,
  LADDER,
  openBuying,
  openMedia,
  type TestMedia,
  times,
} from './gateway-fixture.ts'
import { KeyPayments } from './payment-source.ts'
import { PictureChecks } from './picture-checks.ts'

const SIGNAL = new AbortController().signal
const ID = manifestId('clip')
const BY_PRICE = { price: 1, quality: 0, latency: 0, stake: 0, random: 0 }

let media: TestMedia
let judge: PictureJudge
let lies: Awaited<ReturnType<typeof openLies>>
let bad: TestOrchestrator
let good: TestOrchestrator
let buying: ReturnType<typeof openBuying>
let buyer: SegmentBuyer
/** What the bad one did wrong; a test in which it did nothing shows nothing. */
let faults: number

beforeAll(async () => {
  media = await openMedia()
  lies = await openLies()
  judge = new PictureJudge({}, { log: silentLog })
}, 60_000)
afterAll(() => judge.close())

beforeEach(async () => {
  faults = 0
  bad = await openOrchestrator()
  good = await openOrchestrator({ pricePerPixel: times(DEVNET_PRICE_PER_PIXEL, 9n) })
  delivers(bad, media)
  delivers(good, media)
  open()
})

afterEach(async () => {
  await buyer.close()
  buying.close()
  await bad[Symbol.asyncDispose]()
  await good[Symbol.asyncDispose]()
})

function open(): void {
  const { gatewaySigner, tickets, hashing, chain, domain } = bad
  const payer = new KeyPayments({ signer: gatewaySigner, tickets })
  buying = openBuying(gatewaySigner, () => [entryOf(bad), entryOf(good)])
  const { book, tell, log } = buying
  const pictures = new PictureChecks({ oneIn: 1 }, { judge, book, tell, log, random: Math.random })
  buyer = new SegmentBuyer(
    { manifestId: ID, ladder: LADDER, maxAttempts: 3, maxPricePerPixel: undefined, domain, weights: BY_PRICE },
    // The cheaper one has nine parts in ten, and comes first.
    { ...buying, pictures, lastSeenBlock: () => chain.block, payer, hashing, random: () => 0.1 },
  )
}

type Lie = { readonly data: Uint8Array; readonly pixels: bigint }

/** What a worker could deliver instead of the pictures of the test media; each has as many pixels as it says. */
async function openLies() {
  const size = { seconds: 1, width: 160, height: 90, fps: 10, audio: false }
  const clips = await Promise.all([
    makeTestClip({ ...size, pictures: 'black' }),
    makeTestClip({ ...size, seed: 99 }),
    makeTestClip({ ...size, pictures: 'still' }),
    makeTestClip({ ...size, width: 148, height: 84 }),
    makeTestClip({ ...size, fps: 5 }),
  ])
  const [black, other, frozen, small, halfRate] = clips.map(({ segments }) => counted(segments[0]!.data)) as [
    Lie,
    Lie,
    Lie,
    Lie,
    Lie,
  ]
  const frames = clips[2]!.frames.map((frame) => (frame.keyFrame ? frame : { ...frame, data: spoilt(frame.data) }))
  return { black, other, frozen, small, halfRate, broken: counted(muxTs(frames)) }
}

const counted = (data: Uint8Array) => ({ data, pixels: countPixels(data, 'mpegts').pixels })

/** A coded picture whose head is right and whose content is nonsense. */
const spoilt = (data: Uint8Array) => data.map((byte, i) => (i < 16 ? byte : ((i * 37) % 251) | 1))

const buy = async (seq: number) => (await buyer.buy(media.segment(seq), { signal: SIGNAL })) as BoughtSegment

/** From now on the bad one answers something else; payment and work before that are real. */
function answers(change: (result: TranscodeResult, data: TranscodeData) => TranscodeResult): void {
  changesAnswers(bad, (result, data) => {
    faults++
    return change(result, data)
  })
}

const answersData = (change: (data: TranscodeData) => Partial<TranscodeData>): void =>
  answers((result, data) => ({ ...result, result: { data: { ...data, ...change(data) } } }))

/** From now on the bad one's worker delivers something else, and the orchestrator signs that honestly. */
function renders(
  change: (data: Uint8Array, pixels: bigint, seq: number) => { data: Uint8Array; pixels: bigint },
): void {
  bad.worker.transcode = async (job) => {
    faults++
    const { data, pixels } = media.clips[job.seq % media.clips.length]!
    return { decodedPixels: pixels, renditions: job.profiles.map(() => change(data, pixels, job.seq)) }
  }
}

/** The segment comes from the other one and is paid, and the bad one is told of, left alone, and leaves no receipt. */
async function isBoughtElsewhere(seq: number, code: string): Promise<void> {
  const bought = await buy(seq)
  expect(faults).toBeGreaterThan(0)
  expect(bought).toMatchObject({ orchestrator: good.signer.address, paid: true })
  expect(bought.renditions.map((data) => Buffer.from(data))).toEqual(
    LADDER.map(() => Buffer.from(media.clips[seq % media.clips.length]!.data)),
  )
  expect(buying.events).toContainEqual(
    expect.objectContaining({ type: 'segment_attempt_failed', seq, orchestrator: bad.signer.address, code }),
  )
  expect(buying.book.isSuspended(bad.serviceUri())).toBe(true)
  // A receipt is kept of what holds, and as evidence of pictures that are others.
  expect(buying.commitments.filter((signed) => signed.seq === seq).map(({ recipient }) => recipient)).toEqual([
    ...(code === 'wrong_pictures' ? [bad.signer.address] : []),
    good.signer.address,
  ])
  const before = faults
  expect(await buy(seq + 1)).toMatchObject({ orchestrator: good.signer.address, paid: true })
  expect(faults, 'it was asked again').toBe(before)
}

describe('a segment is bought elsewhere when an orchestrator lies in mid-stream:', () => {
  beforeEach(async () => {
    expect(await buy(0)).toMatchObject({ orchestrator: bad.signer.address, paid: true })
  })

  it('somebody else signed its result', async () => {
    const other = createKeySigner(new Uint8Array(32).fill(9))
    answersData(() => ({ signature: signHashMessage(other, renditionsHash(LADDER.map(() => new Uint8Array(32)))) }))
    await isBoughtElsewhere(1, 'result_signature')
  })

  it('nobody signed its result', async () => {
    answersData(() => ({ signature: new Uint8Array(0) }))
    await isBoughtElsewhere(1, 'result_signature')
  })

  it.each([1n, -1n, 1_000_000n])('its worker reports %s pixels more than it rendered', async (more) => {
    renders((data, pixels) => ({ data, pixels: pixels + more }))
    await isBoughtElsewhere(1, 'pixel_mismatch')
  })

  it('its renditions are smaller than the pixels that it asks to be paid for', async () => {
    const asked = LADDER.map(({ width, height }) => BigInt(width * height * 20))
    answersData((data) => ({
      segments: data.segments.map((segment, i) => ({ ...segment, pixels: asked[i] as bigint })),
    }))
    await isBoughtElsewhere(1, 'pixel_mismatch')
  })

  it('its renditions are no video', async () => {
    renders((_, pixels) => ({ data: new Uint8Array(10_000).fill(0x47), pixels }))
    await isBoughtElsewhere(1, 'no_video_frames')
  })

  it('it leaves a rendition out', async () => {
    answersData((data) => ({ segments: data.segments.slice(1) }))
    await isBoughtElsewhere(1, 'mismatched_segments')
  })

  it('it adds a rendition', async () => {
    answersData((data) => ({ segments: [...data.segments, data.segments[0]!] }))
    await isBoughtElsewhere(1, 'mismatched_segments')
  })

  it('its renditions are to be fetched from somebody else', async () => {
    answersData((data) => ({
      segments: data.segments.map((segment) => ({ ...segment, url: 'https://127.0.0.1:1/x' })),
    }))
    await isBoughtElsewhere(1, 'rendition_url_refused')
  })

  it('it repeats its whole answer to another segment, receipt and all', async () => {
    let first: TranscodeData | undefined
    answersData((data) => {
      first ??= data
      return first
    })
    // The first of these is honest still.
    expect(await buy(1)).toMatchObject({ orchestrator: bad.signer.address })
    await isBoughtElsewhere(2, 'bad_commitment')
  })

  it('it more than doubles its price', async () => {
    answers((result) => {
      const { info } = result
      if (!info?.priceInfo) throw new Error('the answer holds no price')
      const pricePerUnit = 2n * info.priceInfo.pricePerUnit + 1n
      return { ...result, info: { ...info, priceInfo: { ...info.priceInfo, pricePerUnit } } }
    })
    // The new price comes with this result, which is still sold at the old one.
    expect(await buy(1)).toMatchObject({ orchestrator: bad.signer.address })
    await isBoughtElsewhere(2, 'price_doubled')
  })

  it.each([
    ['black pictures', () => lies.black],
    ['another stream’s pictures', () => lies.other],
    ['the pictures of an earlier segment', () => media.clips[0]!],
    ['pictures that stand still', () => lies.frozen],
    ['pictures of another size', () => lies.small],
    ['half of the pictures', () => lies.halfRate],
    ['the first picture and then nonsense', () => lies.broken],
  ] as const)('its worker delivers %s, and it signs that', async (_, lie: () => Lie) => {
    renders(() => lie())
    await isBoughtElsewhere(1, 'wrong_pictures')
    await buying.clock.advance(120_000)
    expect(buying.book.isSuspended(bad.serviceUri()), 'a cheat is left alone for longer than a failure').toBe(true)
  })
})

describe('an orchestrator whose sessions are all taken', () => {
  beforeEach(async () => {
    await buyer.close()
    buying.close()
    await bad[Symbol.asyncDispose]()
    bad = await openOrchestrator({ maxSessions: 0 })
    open()
  })

  it('is passed over for one that has room, and costs nothing', async () => {
    expect(await buy(0)).toMatchObject({ orchestrator: good.signer.address, paid: true })
    expect(bad.jobs).toEqual([])
    expect(buying.events.filter((event) => event.type === 'segment_attempt_failed')).toEqual([])
  })

  it('leaves the source to stand in when there is nobody else', async () => {
    await good[Symbol.asyncDispose]()
    expect(await buy(0)).toEqual({ lost: 'no_orchestrator' })
    good = await openOrchestrator()
  })
})
