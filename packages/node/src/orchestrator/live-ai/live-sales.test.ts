import { LIVE_CAPABILITY, LivePool, liveUnits, openLiveRunners, RunnerPool } from '@millrace/ai'
import { rational, silentLog } from '@millrace/base'
import { makeTestClip } from '@millrace/media/testing'
import { feeOf } from '@millrace/payments'
import { HEADER, type NodeEventBody, nodeId, sessionId } from '@millrace/wire'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { AiWorker } from '../../worker/ai-worker.ts'
import { openOrchestrator, type TestOrchestrator } from '../orchestrator-fixture.ts'
import { type LiveBuyer, openLiveBuyer, TICKET_A_SECOND, textOf } from './live-buyer.fixture.ts'

const MODEL = 'millrace/effects'
const SMALL = { effect: 'tint', colour: '#ff0000', width: 128, height: 128 }

let o: TestOrchestrator
let live: LivePool
let buyer: LiveBuyer
const clip = makeTestClip({ seconds: 3, width: 320, height: 180, fps: 24, segmentMs: 1_000 })

beforeAll(async () => {
  const entries = [{ pipeline: 'live-video-to-video', modelId: MODEL, adapter: 'embedded', warm: true } as const]
  live = new LivePool(openLiveRunners(entries, {}, { log: silentLog }), {}, { log: silentLog })
  await live.start()
  await live.loaded()
})
afterAll(() => live.stop())

async function open(): Promise<void> {
  o = await openOrchestrator({ pricePerPixel: rational(1n, 100n), liveAi: { price: TICKET_A_SECOND, intervalMs: 300 } })
  const pool = new RunnerPool([], {}, { log: silentLog })
  o.aiDispatcher.join(new AiWorker({ workerId: nodeId('worker') }, { pool, live }))
  buyer = openLiveBuyer(o)
}

async function close(): Promise<void> {
  buyer.close()
  await o[Symbol.asyncDispose]()
  // An orchestrator that stops does not wait long for its runners; the next one here has the same.
  await vi.waitFor(() => expect(live.describe()).toMatchObject([{ inUse: 0 }]), 20_000)
}

const told = <T extends NodeEventBody['type']>(type: T) =>
  o.events.filter((event): event is Extract<NodeEventBody, { type: T }> => event.type === type)
const balance = (account: string) => o.balances.balance(o.gatewaySigner.address, sessionId(account))
const nothingIsLeft = () =>
  vi.waitFor(() => {
    expect([o.trickle.names, o.live!.streams]).toEqual([[], []])
    expect(o.aiDispatcher.models()).toMatchObject([{ modelId: MODEL, inUse: 0 }])
  }, 10_000)

describe('a live stream at an orchestrator', () => {
  beforeEach(open)
  afterEach(close)

  it('is offered with its price, is worked on, and is paid for by the time that pictures came out', async () => {
    const info = await buyer.terms(MODEL)
    expect(info.capabilities?.constraints?.perCapability.get(LIVE_CAPABILITY)?.models.get(MODEL)).toMatchObject({
      ...{ warm: true, capacity: 1, capacityInUse: 0 },
    })
    const stream = await buyer.stream(MODEL, { tickets: 10, params: SMALL })
    const mid = stream.manifest_id
    const at = `${o.serviceUri()}/ai/trickle/${mid}`
    expect(stream).toEqual({
      ...{ publish_url: at, subscribe_url: `${at}-out`, control_url: `${at}-control`, events_url: `${at}-events` },
      manifest_id: mid,
    })
    const paid = balance(mid)!
    expect(paid.num).toBeGreaterThan(0n)
    const [out, events] = [buyer.read(stream.subscribe_url), buyer.read(stream.events_url)]
    const segments = (await clip).segments.map(({ data }) => data)
    const input = await buyer.publish(stream.publish_url, segments, 400)
    const more = await buyer.pay(MODEL, mid, 2)
    expect(more.status, textOf(more)).toBe(200)
    await input.close()
    expect((await out).length).toBeGreaterThan(1)
    expect((await events).map((bytes) => JSON.parse(Buffer.from(bytes).toString()).event.type)).toContain('status')
    await nothingIsLeft()
    const [ended] = told('live_ai_ended')
    expect(ended).toMatchObject({ manifestId: mid, modelId: MODEL, end: 'input_ended' })
    const sold = told('live_ai_sold')
    const units = sold.reduce((sum, event) => sum + BigInt(event.units), 0n)
    expect(sold.length).toBeGreaterThan(1)
    expect(units).toBeGreaterThan(liveUnits(500))
    expect(units).toBeLessThanOrEqual(liveUnits(ended!.lastedMs))
    // What is left of fourteen tickets waits for the next stream of this gateway and model.
    const left = balance(`${LIVE_CAPABILITY}_${MODEL}`)!
    const fee = feeOf(units, TICKET_A_SECOND)
    const credited = told('payment_received').reduce((sum, event) => sum + BigInt(event.creditWei), 0n)
    expect(left.num / left.den + fee.num / fee.den).toBeGreaterThanOrEqual(credited - 1n)
    expect(left.num / left.den + fee.num / fee.den).toBeLessThanOrEqual(credited)
  })

  it('is cut off when its gateway does not pay: all its channels end, and the place is free', async () => {
    const stream = await buyer.stream(MODEL, { tickets: 1, params: SMALL })
    const reading = [buyer.read(stream.subscribe_url), buyer.read(stream.events_url), buyer.read(stream.control_url)]
    const segments = (await clip).segments.map(({ data }) => data)
    const publishing = buyer.publish(stream.publish_url, [...segments, ...segments, ...segments], 300)
    await expect(publishing).rejects.toMatchObject({ code: expect.stringMatching(/^channel_(ended|not_found)$/) })
    await Promise.all(reading)
    await nothingIsLeft()
    expect(told('live_ai_ended')).toMatchObject([{ end: 'unpaid' }])
    // Nothing is left with which another stream could begin.
    expect(balance(`${LIVE_CAPABILITY}_${MODEL}`)).toBeUndefined()
    const again = await buyer.begin(await buyer.paying(await buyer.terms(MODEL), 0), { model_id: MODEL })
    expect([again.status, textOf(again)]).toEqual([400, 'Insufficient balance'])
  })

  it('costs nothing while nothing comes out, and what was paid pays for the next', async () => {
    const stream = await buyer.stream(MODEL, { tickets: 3, params: SMALL })
    const input = buyer.publisher(stream.publish_url)
    const garbage = Buffer.alloc(188 * 50, 0x47)
    for (let i = 0; i < 4; i++) await input.write(garbage)
    await vi.waitFor(() => expect(o.trickle.names).toHaveLength(4))
    await input.close()
    await nothingIsLeft()
    expect(told('live_ai_sold')).toEqual([])
    const again = await buyer.stream(MODEL, { tickets: 1, params: SMALL })
    const [paid, once] = [balance(again.manifest_id)!, told('payment_received').at(-1)!]
    expect(paid.num / paid.den).toBe(4n * BigInt(once.creditWei))
  })
})

describe('the door of live video', () => {
  beforeAll(open)
  afterAll(close)

  const start = { model_id: MODEL, params: SMALL }

  it.each([
    ['a body that is no JSON', '{', 400, 'JSON'],
    ['no model', { params: {} }, 400, 'model_id'],
    ['parameters that are a list', { ...start, params: [1] }, 400, 'params'],
    ['a body beyond a megabyte', JSON.stringify({ ...start, params: { text: 'x'.repeat(1_000_000) } }), 413, ''],
    ['a model that nobody has', { model_id: 'acme/none' }, 503, 'insufficient capacity'],
  ])('refuses %s before it looks at payments', async (_, body, status, text) => {
    const answer = await buyer.begin({}, body)
    expect([answer.status, textOf(answer)]).toEqual([status, expect.stringContaining(text)])
  })

  it.each([
    ['a damaged payment', { [HEADER.payment]: 'AAA' }, 402],
    ['no segment header', { [HEADER.segment]: '' }, 403],
  ])('refuses %s with %s', async (_, change, status) => {
    const answer = await buyer.begin({ ...(await buyer.paying(await buyer.terms(MODEL), 2)), ...change }, start)
    expect(answer.status, textOf(answer)).toBe(status)
    await nothingIsLeft()
  })

  it('refuses who has no balance, and who pays with tickets for something cheaper', async () => {
    const unpaid = await buyer.begin(await buyer.paying(await buyer.terms(MODEL), 0), start)
    expect([unpaid.status, textOf(unpaid)]).toEqual([400, 'Insufficient balance'])
    const cheaper = await buyer.terms()
    const price = (of: NonNullable<typeof cheaper.priceInfo>) => Number(of.pricePerUnit) / Number(of.pixelsPerUnit)
    expect(price(cheaper.priceInfo!)).toBeLessThan(price((await buyer.terms(MODEL)).priceInfo!))
    const answer = await buyer.begin(await buyer.paying(cheaper, 2), start)
    expect([answer.status, textOf(answer)]).toEqual([400, expect.stringContaining('price')])
    await nothingIsLeft()
  })

  it('refuses parameters that the model does not have, and keeps the payment for another try', async () => {
    const answer = await buyer.begin(await buyer.paying(await buyer.terms(MODEL), 2), {
      ...start,
      params: { prompt: 'a boat' },
    })
    expect([answer.status, textOf(answer)]).toEqual([400, expect.stringContaining('prompt')])
    await nothingIsLeft()
    expect(balance(`${LIVE_CAPABILITY}_${MODEL}`)!.num).toBeGreaterThan(0n)
  })

  it('refuses a second stream where there is room for one', async () => {
    await buyer.stream(MODEL, { tickets: 2, params: SMALL })
    const answer = await buyer.begin(await buyer.paying(await buyer.terms(MODEL), 2), start)
    expect([answer.status, textOf(answer)]).toEqual([503, 'insufficient capacity'])
  })
})
