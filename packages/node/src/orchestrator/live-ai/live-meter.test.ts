import { liveUnits } from '@millrace/ai'
import { ManualClock, rational, silentLog } from '@millrace/base'
import { Balances, feeOf } from '@millrace/payments'
import { manifestId, type NodeEventBody, parseAddress, sessionId } from '@millrace/wire'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { StreamChannels } from './live-channels.ts'
import { LiveMeter } from './live-meter.ts'
import { LiveStream } from './live-stream.ts'

const SENDER = parseAddress(`0x${'ab'.repeat(20)}`)
const ACCOUNT = sessionId('m')
const PRICE = rational(1n, 1_000n)

let clock: ManualClock
let balances: Balances
let [bytesIn, bytesOut] = [0, 0]
let meter: LiveMeter

beforeEach(() => {
  clock = new ManualClock(1_000_000)
  balances = new Balances({}, { clock })
  ;[bytesIn, bytesOut] = [0, 0]
  meter = new LiveMeter(
    { sender: SENDER, account: ACCOUNT, price: PRICE, intervalMs: 5_000 },
    {
      ...{ balances, clock },
      input: () => bytesIn,
      output: () => bytesOut,
    },
  )
})

/** Seconds in which this much comes in and out. */
async function passes(seconds: number, { input = 1, output = 1 } = {}): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    await clock.advance(1_000)
    bytesIn += input
    bytesOut += output
    meter.sample()
  }
}
const credit = (seconds: number) => balances.credit(SENDER, ACCOUNT, feeOf(liveUnits(seconds * 1_000), PRICE))

describe('what a live stream costs', () => {
  it('is 1280 x 720 x 30 units for each second, once an interval', async () => {
    credit(10)
    await passes(4)
    expect(meter.isDue).toBe(false)
    await passes(1)
    expect(meter.isDue).toBe(true)
    expect(meter.charge().units).toBe(1280n * 720n * 30n * 5n)
    expect([meter.isDue, meter.charge().units]).toEqual([false, 0n])
    await passes(5)
    expect(meter.charge().balance.num).toBe(0n)
  })

  it('is nothing while nothing comes out, or nothing goes in', async () => {
    credit(100)
    await passes(20, { output: 0 })
    expect(meter.charge().units).toBe(0n)
    await passes(5)
    // Three seconds may lie between two pieces of what comes out.
    await passes(20, { output: 0 })
    expect(meter.charge().units).toBe(liveUnits(8_000))
    await passes(40, { input: 0 })
    expect(meter.charge().units).toBe(liveUnits(12_000))
  })

  it('is all that there is where that is less, and is due as soon as it is', async () => {
    credit(4)
    await passes(4)
    expect(meter.isDue).toBe(false)
    await passes(1)
    expect(meter.isDue).toBe(true)
    expect(meter.charge()).toMatchObject({ units: liveUnits(4_000), balance: { num: 0n }, isCovered: false })
    expect(balances.balance(SENDER, ACCOUNT)?.num).toBe(0n)
  })
})

describe('a live stream that nobody ends', () => {
  afterEach(() => void vi.useRealTimers())

  it.each([
    ['into which nothing comes', { input: 0, output: 0 }, 'input_ended', 61],
    ['out of which nothing comes', { input: 1, output: 0 }, 'no_output', 91],
  ])('and %s is ended', async (_, flow, end, seconds) => {
    vi.useFakeTimers({ toFake: ['setInterval'] })
    credit(1_000)
    const told: NodeEventBody[] = []
    const [onEnd, close, stop] = [vi.fn(), vi.fn(), vi.fn(async () => {})]
    const channels = { close } as unknown as StreamChannels
    const tell = (event: NodeEventBody) => void told.push(event)
    const who = { manifestId: manifestId('m'), sender: SENDER, modelId: 'acme/noop' }
    const stream = new LiveStream(who, { channels, meter, onEnd, clock, tell, log: silentLog }, 5_000)
    stream.began({ ended: new Promise(() => {}), stop })
    for (let i = 0; i < seconds; i++) {
      expect(close).not.toHaveBeenCalled()
      await passes(1, flow)
      await vi.advanceTimersByTimeAsync(1_000)
    }
    expect(await stream.ended).toBe(end)
    expect([onEnd, close, stop].map(({ mock }) => mock.calls.length)).toEqual([1, 1, 1])
    expect(told.at(-1)).toMatchObject({ type: 'live_ai_ended', end })
  })
})
