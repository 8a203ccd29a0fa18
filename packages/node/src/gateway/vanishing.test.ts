import { keccak256 } from '@millrace/base'
import { DEVNET_PRICE_PER_PIXEL } from '@millrace/payments'
import { manifestId } from '@millrace/wire'
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { isRefusal } from '../links/orchestrator-service.ts'
import { openOrchestrator, type TestOrchestrator } from '../orchestrator/orchestrator-fixture.ts'
import { type BoughtSegment, SegmentBuyer, type SourceSegment } from './buyer.ts'
import { delivers, entryOf, LADDER, openBuying, openMedia, type TestMedia, times } from './gateway-fixture.ts'
import { KeyPayments } from './payment-source.ts'
import { TcpProxy } from './tcp-proxy-fixture.ts'

const SIGNAL = new AbortController().signal
const ID = manifestId('clip')
const BY_PRICE = { price: 1, quality: 0, latency: 0, stake: 0, random: 0 }

let media: TestMedia
let vanishing: TestOrchestrator
let proxy: TcpProxy
let other: TestOrchestrator
let buying: ReturnType<typeof openBuying>
let buyer: SegmentBuyer

beforeAll(async () => {
  media = await openMedia()
}, 60_000)

beforeEach(async () => {
  let port = 0
  proxy = await new TcpProxy(() => port).start()
  vanishing = await openOrchestrator({ publicPort: () => proxy.port })
  port = vanishing.port()
  other = await openOrchestrator({ pricePerPixel: times(DEVNET_PRICE_PER_PIXEL, 9n) })
  delivers(vanishing, media)
  delivers(other, media)
  buying = openBuying(vanishing.gatewaySigner, () => [entryOf(vanishing), entryOf(other)])
  buyer = new SegmentBuyer(
    {
      manifestId: ID,
      ladder: LADDER,
      maxAttempts: 3,
      againAfterMs: 500,
      maxPricePerPixel: undefined,
      domain: vanishing.domain,
      weights: BY_PRICE,
    },
    {
      ...buying,
      lastSeenBlock: () => vanishing.chain.block,
      payer: new KeyPayments({ signer: vanishing.gatewaySigner, tickets: vanishing.tickets }),
      hashing: vanishing.hashing,
      // The cheaper one has nine parts in ten, and comes first.
      random: () => 0.1,
    },
  )
})

afterEach(async () => {
  await buyer.close()
  buying.close()
  await proxy.close()
  await vanishing[Symbol.asyncDispose]()
  await other[Symbol.asyncDispose]()
})

/** A segment of a few megabytes, so that it can be cut off in the middle of its upload. */
function largeSegment(seq: number): SourceSegment {
  const data = new Uint8Array(3_000_000)
  return { ...media.segment(seq), data, hash: keccak256(data) }
}

/** The segment comes from the other orchestrator, and the one that vanished is left alone. */
async function survives(segment: SourceSegment): Promise<void> {
  const bought = (await buyer.buy(segment, { signal: SIGNAL })) as BoughtSegment
  expect(bought.orchestrator).toBe(other.signer.address)
  expect(proxy.cuts).toBeGreaterThan(0)
  expect(buying.events).toContainEqual(
    expect.objectContaining({ type: 'segment_attempt_failed', orchestrator: vanishing.signer.address }),
  )
  expect(buying.book.isSuspended(vanishing.serviceUri())).toBe(true)
  expect((await buyer.buy(media.segment(segment.seq + 1), { signal: SIGNAL })) as BoughtSegment).toMatchObject({
    orchestrator: other.signer.address,
    paid: true,
  })
}

/** Runs something when the orchestrator has read the segment, before it answers. */
function onUploaded(what: () => void): void {
  const accept = vanishing.orchestrator.acceptSegment.bind(vanishing.orchestrator)
  vanishing.orchestrator.acceptSegment = async (headers) => {
    const accepted = await accept(headers)
    if (isRefusal(accepted)) return accepted
    return {
      ...accepted,
      checkBody: (body) => {
        what()
        return accepted.checkBody(body)
      },
    }
  }
}

it('no segment is lost to an orchestrator that vanishes before the upload', async () => {
  const first = (await buyer.buy(media.segment(0), { signal: SIGNAL })) as BoughtSegment
  expect(first.orchestrator).toBe(vanishing.signer.address)
  proxy.vanish()
  await survives(media.segment(1))
})

it('no segment is lost to an orchestrator that vanishes during the upload', async () => {
  await buyer.buy(media.segment(0), { signal: SIGNAL })
  let uploads = 0
  onUploaded(() => uploads++)
  proxy.vanishAfter('up', 1_000_000)
  await survives(largeSegment(1))
  expect(uploads).toBe(0)
})

it('no segment is lost to an orchestrator that vanishes after the upload', async () => {
  await buyer.buy(media.segment(0), { signal: SIGNAL })
  const jobs = vanishing.jobs.length
  let uploads = 0
  onUploaded(() => {
    uploads++
    proxy.vanish()
  })
  await survives(media.segment(1))
  expect(uploads).toBe(1)
  expect(vanishing.jobs.length).toBeLessThanOrEqual(jobs + 1)
})

it('no segment is lost to an orchestrator that vanishes while it answers', async () => {
  await buyer.buy(media.segment(0), { signal: SIGNAL })
  // The head of the answer leaves before the work begins; its body never comes.
  let working = 0
  vanishing.worker.transcode = async () => {
    working++
    setTimeout(() => proxy.vanish(), 50)
    return new Promise(() => {})
  }
  await survives(media.segment(1))
  expect(working).toBe(1)
})

it('no segment is lost to an orchestrator that vanishes while it streams a result', async () => {
  await buyer.buy(media.segment(0), { signal: SIGNAL })
  vanishing.worker.transcode = async (job) => ({
    decodedPixels: 1n,
    renditions: job.profiles.map(() => ({ data: new Uint8Array(3_000_000), pixels: 1n })),
  })
  // Only a rendition is so large: the result itself has come.
  proxy.vanishAfter('down', 1_000_000)
  await survives(media.segment(1))
})

it('what was paid to an orchestrator that vanished after the upload counts as spent, and the next one is paid in full', async () => {
  await buyer.buy(media.segment(0), { signal: SIGNAL })
  const [session] = buying.events.filter((event) => event.type === 'segment_submitted')
  onUploaded(() => proxy.vanish())
  await survives(media.segment(1))
  expect(buying.balances.balance(vanishing.signer.address, session!.sessionId).num).toBe(0n)
})

it('when all have failed at once, they are asked again after a moment', async () => {
  let cuts = 0
  for (const o of [vanishing, other]) {
    const deliver = o.worker.transcode.bind(o.worker)
    o.worker.transcode = async (job, options) => {
      if (cuts++ < 2) throw new Error('OrchestratorBusy')
      return deliver(job, options)
    }
  }
  const { clock } = buying
  const bought = buyer.buy(media.segment(0), { signal: SIGNAL })
  const time = setInterval(() => void clock.advance(20), 10)
  try {
    expect(await bought).toMatchObject({ paid: true })
  } finally {
    clearInterval(time)
  }
  expect(cuts).toBe(3)
})
