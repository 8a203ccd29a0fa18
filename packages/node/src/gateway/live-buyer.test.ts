import { keccak256 } from '@millrace/base'
import { cmafTrackOf, demuxTs, PartCutter } from '@millrace/media'
import { DEVNET_PRICE_PER_PIXEL } from '@millrace/payments'
import { manifestId } from '@millrace/wire'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { LiveRenditionPart, TranscodeLive } from '../links/ports.ts'
import { openOrchestrator, type TestOrchestrator } from '../orchestrator/orchestrator-fixture.ts'
import { type BoughtSegment, SegmentBuyer } from './buyer.ts'
import { delivers, entryOf, LADDER, openBuying, openMedia, type TestMedia, times } from './gateway-fixture.ts'
import { KeyPayments } from './payment-source.ts'
import type { BoughtPart } from './submit-live.ts'

const ID = manifestId('clip')
const SIGNAL = new AbortController().signal
const BY_PRICE = { price: 1, quality: 0, latency: 0, stake: 0, random: 0 }

let media: TestMedia
let cheap: TestOrchestrator
let other: TestOrchestrator
let buying: ReturnType<typeof openBuying>
let buyer: SegmentBuyer

beforeAll(async () => {
  media = await openMedia()
}, 60_000)

/** Delivers the source's own pictures as parts, when all of the source is there. */
const realParts =
  (change: (part: LiveRenditionPart) => LiveRenditionPart = (part) => part): TranscodeLive =>
  async ({ chunks, profiles, seq }, { part }) => {
    for await (const _ of chunks);
    const frames = demuxTs(media.segment(seq).data).frames.filter(({ kind }) => kind === 'video')
    const size = cmafTrackOf(frames[0]!)
    const area = size?.kind === 'video' ? BigInt(size.width * size.height) : 0n
    const renditions = profiles.map((_, rendition) => {
      const cutter = new PartCutter(() => 200)
      const bytes: Uint8Array[] = []
      const cuts = [...frames.map((frame) => cutter.push(frame)), cutter.flush()]
      for (const cut of cuts) {
        if (!cut) continue
        const { data, independent, pts, frames: count } = cut
        const init = bytes.length === 0 ? cut.init : undefined
        const made = change({
          ...{ rendition, independent, pts, frames: count, duration: Math.round(cut.durationMs * 90) },
          ...{ pixels: area * BigInt(count), bytes: data, init },
        })
        bytes.push(...(init ? [init] : []), data)
        part(made)
      }
      return { data: new Uint8Array(Buffer.concat(bytes)), pixels: area * BigInt(frames.length) }
    })
    return { decodedPixels: 1n, renditions }
  }

beforeEach(async () => {
  cheap = await openOrchestrator()
  other = await openOrchestrator({ pricePerPixel: times(DEVNET_PRICE_PER_PIXEL, 9n) })
  for (const o of [cheap, other]) {
    delivers(o, media)
    o.worker.transcodeLive = realParts()
  }
  buying = openBuying(cheap.gatewaySigner, () => [entryOf(cheap), entryOf(other)])
  buyer = new SegmentBuyer(
    {
      manifestId: ID,
      ladder: LADDER,
      maxAttempts: 3,
      maxPricePerPixel: undefined,
      domain: cheap.domain,
      weights: BY_PRICE,
    },
    {
      ...buying,
      lastSeenBlock: () => cheap.chain.block,
      payer: new KeyPayments({ signer: cheap.gatewaySigner, tickets: cheap.tickets }),
      hashing: cheap.hashing,
      random: () => 0.1,
    },
  )
})

afterEach(async () => {
  await buyer.close()
  buying.close()
  await cheap[Symbol.asyncDispose]()
  await other[Symbol.asyncDispose]()
})

/** A segment that arrives in a few pieces. */
function live(seq: number, options: { readonly breaksOff?: boolean } = {}) {
  const source = media.segment(seq)
  async function* chunks() {
    for (let at = 0; at < source.data.length; at += 5_000) {
      yield source.data.subarray(at, at + 5_000)
      await new Promise((resolve) => setTimeout(resolve, 2))
      if (options.breaksOff) throw new Error('the publisher went away')
    }
  }
  const closed = options.breaksOff ? Promise.reject(new Error('the publisher went away')) : Promise.resolve(source)
  closed.catch(() => {})
  const parts: BoughtPart[] = []
  const purchase = buyer.buyLive(
    { manifestId: ID, seq, durationMs: 1_000, chunks: chunks(), closed },
    { signal: SIGNAL, part: (part) => parts.push(part) },
  )
  return { bought: purchase?.bought, parts }
}
const failures = () => buying.events.filter(({ type }) => type === 'segment_attempt_failed')

describe('a segment bought while it arrives', () => {
  it('comes in parts, is checked, committed to and paid like a whole one', async () => {
    const { bought, parts } = live(0)
    const got = await bought
    expect(got).toMatchObject({ orchestrator: cheap.signer.address, live: true, paid: true })
    expect(got!.renditions).toHaveLength(LADDER.length)
    expect(parts.filter(({ rendition }) => rendition === 0).map(({ index }) => index)).toEqual([0, 1, 2, 3, 4])
    expect(buying.commitments).toHaveLength(1)
    expect(buying.commitments[0]).toMatchObject({ sourceHash: expect.stringMatching(/^0x/), pixels: got!.pixels })
    expect(Buffer.from(keccak256(media.segment(0).data)).toString('hex')).toBe(
      buying.commitments[0]!.sourceHash.slice(2),
    )
    expect(failures()).toEqual([])
  })

  it('pays for each of many with what is left of those before', async () => {
    for (let seq = 0; seq < 6; seq++) expect(await live(seq).bought).toMatchObject({ paid: true })
    expect(failures()).toEqual([])
  })

  it('that its orchestrator breaks off is bought as a whole from another', async () => {
    cheap.worker.transcodeLive = async ({ chunks }) => {
      for await (const _ of chunks) throw new Error('the worker is gone')
      throw new Error('nothing came')
    }
    expect(await live(0).bought).toBeUndefined()
    expect(failures()).toHaveLength(1)
    expect(buying.book.isSuspended(cheap.serviceUri())).toBe(true)
    const whole = (await buyer.buy(media.segment(0), { signal: SIGNAL })) as BoughtSegment
    expect(whole).toMatchObject({ orchestrator: other.signer.address, paid: true })
  })

  it('of other bytes than its orchestrator signed is not taken', async () => {
    cheap.worker.transcodeLive = realParts((part) => ({
      ...part,
      bytes: part.bytes.map((byte, i) => (i === 90 ? byte ^ 1 : byte)),
    }))
    expect(await live(0).bought).toBeUndefined()
    expect(failures()).toEqual([expect.objectContaining({ code: 'result_signature' })])
  })

  it('is not late because this gateway looks at it for long', async () => {
    await live(0).bought
    let looking = 0
    let look: () => void = () => {}
    const looked = new Promise<void>((resolve) => {
      look = resolve
    })
    buying.pictures.check = async () => {
      // Two that were late would have the next ones bought as a whole.
      if (++looking === 2) {
        for (let i = 0; i < 5; i++) await buying.clock.advance(5_000)
        look()
      }
      await looked
    }
    const both = await Promise.all([live(1).bought, live(2).bought])
    for (const bought of both) expect(bought).toMatchObject({ paid: true })
    expect(live(3).bought).toBeDefined()
  })

  it('whose publisher goes away is nobody’s fault', async () => {
    expect(await live(0, { breaksOff: true }).bought).toBeUndefined()
    expect(failures()).toEqual([])
    expect(buying.book.isSuspended(cheap.serviceUri())).toBe(false)
    expect(await live(1).bought).toMatchObject({ orchestrator: cheap.signer.address })
  })

  it('is not offered to those who take whole segments only', async () => {
    for (const o of [cheap, other]) o.worker.transcodeLive = undefined
    // Before anybody gave terms nobody knows.
    expect(await live(0).bought).toBeUndefined()
    expect(live(1).bought).toBeUndefined()
    expect(await buyer.buy(media.segment(1), { signal: SIGNAL })).toMatchObject({ paid: true })
    expect(failures()).toEqual([])
  })
})
