import { DEVNET_PRICE_PER_PIXEL } from '@millrace/payments'
import { manifestId, type VideoProfile } from '@millrace/wire'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { openOrchestrator, type TestOrchestrator } from '../orchestrator/orchestrator-fixture.ts'
import { type BoughtSegment, SegmentBuyer } from './buyer.ts'
import { delivers, entryOf, LADDER, openBuying, openMedia, type TestMedia, times } from './gateway-fixture.ts'
import { KeyPayments } from './payment-source.ts'

const SIGNAL = new AbortController().signal
const ID = manifestId('clip')
const BY_PRICE = { price: 1, quality: 0, latency: 0, stake: 0, random: 0 }

let media: TestMedia
let first: TestOrchestrator
let second: TestOrchestrator
let buying: ReturnType<typeof openBuying>
let buyer: SegmentBuyer

beforeAll(async () => {
  media = await openMedia()
}, 60_000)

beforeEach(async () => {
  first = await openOrchestrator()
  second = await openOrchestrator({ pricePerPixel: times(DEVNET_PRICE_PER_PIXEL, 9n) })
  delivers(first, media)
  delivers(second, media)
  buying = openBuying(first.gatewaySigner, () => [entryOf(first), entryOf(second)])
  buyer = openBuyer(LADDER)
})

afterEach(async () => {
  await buyer.close()
  buying.close()
  await first[Symbol.asyncDispose]()
  await second[Symbol.asyncDispose]()
})

const openBuyer = (ladder: readonly VideoProfile[]): SegmentBuyer =>
  new SegmentBuyer(
    { manifestId: ID, ladder, maxAttempts: 3, maxPricePerPixel: undefined, domain: first.domain, weights: BY_PRICE },
    {
      ...buying,
      lastSeenBlock: () => first.chain.block,
      payer: new KeyPayments({ signer: first.gatewaySigner, tickets: first.tickets }),
      hashing: first.hashing,
      random: () => 0.1,
    },
  )

const buy = (seq: number) => buyer.buy(media.segment(seq), { signal: SIGNAL }) as Promise<BoughtSegment>
const eventsOf = <T extends string>(type: T) => buying.events.filter((event) => event.type === type)

/** Lets time pass, a little at a time, until the work is done. */
async function whileTimePasses<T>(work: Promise<T>, stepMs = 100): Promise<T> {
  let done = false
  const watched = work.finally(() => {
    done = true
  })
  while (!done) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    await buying.clock.advance(stepMs)
  }
  return watched
}

/** An orchestrator that takes segments and never answers. */
function hangs(o: TestOrchestrator): { readonly aborted: () => number } {
  let aborted = 0
  o.worker.transcode = (job, call) =>
    new Promise((_, reject) => {
      o.jobs.push(job)
      call?.signal?.addEventListener('abort', () => {
        aborted++
        reject(call.signal?.reason)
      })
    })
  return { aborted: () => aborted }
}

it('a stream has a spare session ready from its first segment on', async () => {
  await buy(0)
  expect(buyer.ready).toBeGreaterThanOrEqual(2)
  // The parameters of the spare run out; it is renewed before anybody needs it.
  first.chain.block += 8n
  second.chain.block += 8n
  await buy(1)
  await vi.waitFor(() => expect(buyer.ready).toBe(2))
  const asked = vi.spyOn(second.orchestrator, 'getOrchestrator')
  const work = hangs(first)
  expect(await whileTimePasses(buy(2))).toMatchObject({ orchestrator: second.signer.address })
  expect(asked).not.toHaveBeenCalled()
  await vi.waitFor(() => expect(work.aborted()).toBe(1))
})

it('a late segment is given to a second orchestrator, the first good result wins and the loser is told to stop', async () => {
  expect((await buy(0)).orchestrator).toBe(first.signer.address)
  const work = hangs(first)
  const bought = await whileTimePasses(buy(1))
  expect(bought).toMatchObject({ orchestrator: second.signer.address, paid: true })
  await vi.waitFor(() => expect(work.aborted()).toBe(1))
  expect(eventsOf('segment_hedged')).toEqual([
    expect.objectContaining({ seq: 1, winner: second.signer.address, loser: first.signer.address }),
  ])
  // The one that was late is left alone for a while, as one that failed.
  expect(buying.book.isSuspended(first.serviceUri())).toBe(true)
  expect((await buy(2)).orchestrator).toBe(second.signer.address)
})

it('the loser of a hedge keeps what it was sent, and that is spent first later', async () => {
  hangs(first)
  await whileTimePasses(buy(0))
  const { pendingWei, duplicateWei } = buying.hedges.figures()
  expect(pendingWei).toBeGreaterThan(0n)
  expect(duplicateWei).toBe(0n)
  delivers(first, media)
  await buying.clock.advance(10_000)
  // Its latest result was late; once it is quick again its credit makes it the next.
  for (let i = 0; i < 10; i++) buying.book.measured(first.serviceUri(), 0.1)
  const again = await buy(1)
  expect(again.orchestrator).toBe(first.signer.address)
  expect(again.paid).toBe(true)
  const sent = eventsOf('segment_submitted') as unknown as { seq: number; tickets: number }[]
  expect(sent.map(({ seq, tickets }) => [seq, tickets > 0])).toEqual([
    [0, true],
    [0, true],
    [1, false],
  ])
  expect(buying.hedges.figures().pendingWei).toBeLessThan(pendingWei)
  expect(buying.choices.get(ID)!.at(-1)!.verdicts).toContainEqual(
    expect.objectContaining({ serviceUri: first.serviceUri(), reason: 'has_credit' }),
  )
})

it('credit that nobody can use any more is told as spent twice', async () => {
  hangs(first)
  await whileTimePasses(buy(0))
  await buyer.close()
  const [lost] = eventsOf('duplicate_spent') as unknown as { amountWei: string }[]
  expect(BigInt(lost!.amountWei)).toBeGreaterThan(0n)
  expect(buying.hedges.figures()).toMatchObject({ duplicateWei: BigInt(lost!.amountWei), pendingWei: 0n })
})

it('a result that comes after all, before that of the second, is taken', async () => {
  await buy(0)
  const deliver = first.worker.transcode.bind(first.worker)
  let release: () => void = () => {}
  first.worker.transcode = async (job, call) => {
    await new Promise<void>((resolve) => {
      release = resolve
    })
    return deliver(job, call)
  }
  hangs(second)
  const buying1 = buy(1)
  let done = false
  void buying1.finally(() => {
    done = true
  })
  while (!done) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    await buying.clock.advance(100)
    if (second.jobs.length > 0) release()
  }
  expect((await buying1).orchestrator).toBe(first.signer.address)
  // The second one was not late: it is not blamed.
  expect(buying.book.isSuspended(second.serviceUri())).toBe(false)
  expect(eventsOf('segment_hedged')).toEqual([
    expect.objectContaining({ winner: first.signer.address, loser: second.signer.address }),
  ])
})

it('the source stands in when both hang, and in time', async () => {
  await buy(0)
  hangs(first)
  hangs(second)
  const began = buying.clock.now()
  expect(await whileTimePasses(buy(1), 500)).toEqual({ lost: 'deadline' })
  expect(buying.clock.now() - began).toBeLessThan(25_000)
})

it('ledgers that differ after a hedge cost one session, not the orchestrator', async () => {
  await buy(0)
  const accept = first.orchestrator.acceptSegment.bind(first.orchestrator)
  let refusals = 0
  first.orchestrator.acceptSegment = async (headers) =>
    refusals++ === 0 ? { status: 400, text: 'Insufficient balance' } : accept(headers)
  expect(await buy(1)).toMatchObject({ paid: true })
  expect(eventsOf('segment_attempt_failed')).toEqual([expect.objectContaining({ code: 'insufficient_balance' })])
  expect(buying.book.isSuspended(first.serviceUri())).toBe(false)
})

it('over a stream in which one segment in fifteen hangs nothing is missing, and what is spent twice stays within its bound', async () => {
  // Profiles as large as the pictures and a price at which a segment costs several tickets, as on a real network.
  const ladder = LADDER.map((profile) => ({ ...profile, width: 160, height: 90, fps: 10 }))
  first.price.perPixel = times(DEVNET_PRICE_PER_PIXEL, 300n)
  second.price.perPixel = times(DEVNET_PRICE_PER_PIXEL, 360n)
  const hung = new Set<number>()
  for (const o of [first, second]) {
    const deliver = o.worker.transcode.bind(o.worker)
    o.worker.transcode = (job, call) => {
      if (job.seq % 15 !== 7 || hung.has(job.seq)) return deliver(job, call)
      hung.add(job.seq)
      return new Promise((_, reject) => call?.signal?.addEventListener('abort', () => reject(call.signal?.reason)))
    }
  }
  buyer = openBuyer(ladder)
  const segments = 60
  let lost = 0
  for (let seq = 0; seq < segments; seq++) {
    const result = await whileTimePasses(buyer.buy(media.segment(seq), { signal: SIGNAL }))
    if ('lost' in result) lost++
    else expect(result.paid).toBe(true)
  }
  await buyer.close()
  const { hedges, feesWei, duplicateWei, pendingWei } = buying.hedges.figures()
  const tickets = (eventsOf('segment_submitted') as unknown as { tickets: number }[]).map((event) => event.tickets)
  expect(tickets.reduce((a, b) => a + b, 0) / segments).toBeGreaterThan(4)
  console.log(
    `  ${segments} segments in, ${segments - lost} out, ${lost} lost, ${hedges} hedged, ` +
      `${((100 * Number(duplicateWei)) / Number(feesWei)).toFixed(2)} % of the fees spent twice`,
  )
  expect(lost).toBe(0)
  expect(hedges).toBe(4)
  expect(pendingWei).toBe(0n)
  expect(Number(duplicateWei)).toBeLessThanOrEqual(0.05 * Number(feesWei))
})
