import { silentLog, systemClock } from '@millrace/base'
import { Hashing } from '@millrace/base/node'
import { type CodedFrame, demuxTs } from '@millrace/media'
import { publishTestClip } from '@millrace/media/testing'
import { GatewayBalances } from '@millrace/payments'
import type { NodeEventBody } from '@millrace/wire'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SecureClient } from '../../links/http/secure-fetch.ts'
import { ChoiceLog } from '../explain.ts'
import { Gateway } from '../gateway.ts'
import { LiveAi } from './live-ai.ts'
import { LiveMarket } from './live-ai-market.ts'
import { type LiveOrchestrator, openLiveOrchestrator } from './live-orchestrator.fixture.ts'

const MODEL = 'millrace/effects'
const SMALL = { width: 128, height: 128 }

let orchestrators: LiveOrchestrator[]
let gateway: Gateway
let hashing: Hashing
let http: SecureClient
let events: NodeEventBody[]

beforeEach(async () => {
  orchestrators = []
  events = []
  hashing = new Hashing()
  http = new SecureClient()
})

afterEach(async () => {
  await gateway.stop()
  await hashing.stop()
  http.close()
  for (const each of orchestrators) await each[Symbol.asyncDispose]()
})

async function start(count: number): Promise<void> {
  orchestrators = await Promise.all(Array.from({ length: count }, () => openLiveOrchestrator(MODEL)))
  const failed = new Set<string>()
  const book = {
    info: async ({ serviceUri }: { serviceUri: string }) =>
      orchestrators.find(({ info }) => info.serviceUri === serviceUri)!.info,
    isSuspended: (uri: string) => failed.has(uri),
    failed: (uri: string) => failed.add(uri).size,
  }
  const tell = (event: NodeEventBody) => void events.push(event)
  const market = new LiveMarket(
    { minVersion: '' },
    {
      market: { offers: async () => orchestrators.map(({ offer }) => offer) },
      bookFor: () => book as never,
      maxPrice: () => undefined,
      clock: systemClock,
      log: silentLog,
    },
  )
  const liveAi = new LiveAi(
    { lookForMs: 1_000 },
    {
      ...{ market, http, tell, clock: systemClock, log: silentLog },
      ...{ payer: undefined, balances: new GatewayBalances(), allowPrivate: true },
    },
  )
  const at = { host: '127.0.0.1', port: 0 }
  gateway = new Gateway(
    { rtmp: at, http: at, ladder: [], httpIngest: true },
    {
      openBuyer: () => ({ close: async () => {} }) as never,
      choices: new ChoiceLog(),
      ...{ hashing, tell, liveAi, clock: systemClock, log: silentLog },
    },
  )
  await gateway.start()
}

const url = (path: string) => `${gateway.httpUrl}/live/video-to-video/${path}`
const query = (params: Record<string, unknown>) =>
  new URLSearchParams({ pipeline: MODEL, params: JSON.stringify({ ...SMALL, ...params }) })
const status = async (id: string) => {
  const answer = await fetch(url(`${id}/status`))
  return answer.ok ? ((await answer.json()) as Record<string, Record<string, unknown>>) : undefined
}

/** The pictures of a stream as players of HLS have them. */
async function shown(name: string): Promise<readonly CodedFrame[]> {
  const list = await fetch(`${gateway.httpUrl}/stream/${name}/source.m3u8`)
  if (!list.ok) return []
  const frames: CodedFrame[] = []
  for (const line of (await list.text()).split('\n'))
    if (line.endsWith('.ts')) {
      const segment = await fetch(new URL(line, list.url))
      frames.push(...demuxTs(new Uint8Array(await segment.arrayBuffer())).frames)
    }
  return frames.filter(({ kind }) => kind === 'video')
}

const publish = (name: string, seconds: number, params: Record<string, unknown> = {}) =>
  publishTestClip({
    ...{ seconds, width: 160, height: 90, fps: 15, segmentMs: 1_000 },
    url: `rtmp://127.0.0.1:${gateway.rtmpPort}/live/video-to-video/${name}?${query(params)}`,
  })

describe('a live stream through an AI pipeline', () => {
  it('comes in by RTMP and goes out as HLS, and another orchestrator takes over when the first is killed', async () => {
    await start(2)
    const publishing = publish('cam', 8)
    publishing.catch(() => {})
    const [first, second] = orchestrators as [LiveOrchestrator, LiveOrchestrator]
    await expect.poll(async () => (await shown('cam-out')).length, { timeout: 15_000 }).toBeGreaterThan(0)
    expect([first.started.length, second.started.length]).toEqual([1, 0])
    expect(first.started[0]).toMatchObject({ model_id: MODEL, params: SMALL, stream_id: 'cam' })
    await first.kill()
    await expect.poll(() => second.started.length, { timeout: 5_000, interval: 20 }).toBe(1)
    await expect.poll(async () => (await status('cam'))?.gateway_status?.swaps, { timeout: 5_000 }).toBe(1)
    await publishing
    await expect.poll(() => events.some(({ type }) => type === 'stream_ended'), { timeout: 10_000 }).toBe(true)
    const times = (await shown('cam-out')).map(({ pts }) => pts / 90_000)
    const steps = times.slice(1).map((time, i) => time - times[i]!)
    expect(Math.min(...steps)).toBeGreaterThan(0)
    expect(Math.max(...steps)).toBeLessThan(5)
    expect(times.at(-1)! - times[0]!).toBeGreaterThan(5)
  }, 60_000)
})
