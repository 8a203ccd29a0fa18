import { connect } from 'node:net'
import { ManualClock, silentLog } from '@millrace/base'
import { Hashing } from '@millrace/base/node'
import { DEFAULT_LADDER, manifestId, type NodeEventBody } from '@millrace/wire'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { BoughtSegment, SegmentBuyer, SourceSegment } from './buyer.ts'
import { ChoiceLog } from './explain.ts'
import { Gateway } from './gateway.ts'

const LADDER = DEFAULT_LADDER.slice(0, 1)
const SIGNAL = { signal: new AbortController().signal }
const ID = manifestId('clip')

let gateway: Gateway
let events: NodeEventBody[]
let hashing: Hashing
let waiting: Map<number, () => void>
/** Segments that wait for `waiting`; all others are bought at once. */
let slow: Set<number>

const bought = (seq: number) =>
  ({
    orchestrator: '0x00000000000000000000000000000000000000aa',
    sessionId: 's' as never,
    renditions: [new Uint8Array(Buffer.from(`rendition ${seq}`))],
    pixels: 1n,
    feeWei: 1n,
    tickets: 1,
    paid: true,
    commitment: undefined,
    traceparent: '',
  }) satisfies BoughtSegment

beforeEach(async () => {
  events = []
  waiting = new Map()
  slow = new Set()
  hashing = new Hashing()
  const buyer = {
    buy: ({ seq }: SourceSegment, { signal }: { signal: AbortSignal }) =>
      new Promise((resolve) => {
        if (!slow.has(seq)) return resolve(bought(seq))
        waiting.set(seq, () => resolve(bought(seq)))
        signal.addEventListener('abort', () => resolve({ lost: 'deadline' }))
      }),
    close: async () => {},
  } as unknown as SegmentBuyer
  gateway = new Gateway(
    { rtmp: undefined, http: { host: '127.0.0.1', port: 0 }, ladder: LADDER, maxStreams: 2, currentManifest: true },
    {
      openBuyer: () => buyer,
      choices: new ChoiceLog(),
      hashing,
      clock: new ManualClock(),
      tell: (event) => events.push(event),
      log: silentLog,
    },
  )
  await gateway.start()
})

afterEach(async () => {
  vi.useRealTimers()
  await gateway.stop()
  await hashing.stop()
})

const push = (seq: number, id = ID) =>
  gateway.push({ manifestId: id, seq, container: 'mpegts', durationMs: 2_000, data: new Uint8Array(100) }, SIGNAL)
const ends = () => events.filter((event) => event.type === 'stream_ended')
const underWay = (seq: number) => expect.poll(() => waiting.has(seq), { interval: 1 }).toBe(true)

it('shows the stream that began last under a name of its own, where the operator wants that', async () => {
  const current = async () => {
    const answer = await fetch(`${gateway.httpUrl}/stream/current.m3u8`)
    return answer.ok ? answer.text() : answer.status
  }
  expect(await current()).toBe(404)
  await push(0)
  expect(await current()).toContain(`${ID}/source.m3u8`)
  await push(0, manifestId('second'))
  expect(await current()).toContain('second/source.m3u8')
})

describe('a stream of pushed segments', () => {
  // Only what the gateway's minute hangs on stands still.
  beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))

  /** Waits in real time, which the timers of the test do not. */
  const inRealTime = async (condition: () => boolean) => {
    for (let i = 0; i < 1_000 && !condition(); i++) await new Promise(setImmediate)
    expect(condition()).toBe(true)
  }

  it('ends after a minute without one', async () => {
    await push(0)
    await vi.advanceTimersByTimeAsync(59_000)
    await push(1)
    await vi.advanceTimersByTimeAsync(59_000)
    expect(ends()).toEqual([])
    await vi.advanceTimersByTimeAsync(2_000)
    expect(ends()).toEqual([{ type: 'stream_ended', manifestId: ID, reason: 'no segment for a minute' }])
  })

  it('goes on while segments come, also when they overlap', async () => {
    slow = new Set([0, 1])
    const first = push(0)
    const second = push(1)
    await inRealTime(() => waiting.has(0) && waiting.has(1))
    waiting.get(0)!()
    await first
    waiting.get(1)!()
    await second
    await vi.advanceTimersByTimeAsync(40_000)
    await push(2)
    await vi.advanceTimersByTimeAsync(40_000)
    expect(ends()).toEqual([])
  })

  it('does not end while a segment is under way', async () => {
    slow = new Set([1])
    const long = push(1)
    await inRealTime(() => waiting.has(1))
    const other = push(2)
    await vi.advanceTimersByTimeAsync(90_000)
    expect(ends()).toEqual([])
    waiting.get(1)!()
    await Promise.all([long, other])
  })

  it('is not ended by the minute of one before it that had its name', async () => {
    slow = new Set([0])
    const old = push(0).catch(() => 'ended')
    await inRealTime(() => waiting.has(0))
    await fetch(`${gateway.httpUrl}/live/${ID}`, { method: 'DELETE' })
    expect(await old).toBe('ended')
    expect(ends()).toHaveLength(1)
    await push(1)
    await vi.advanceTimersByTimeAsync(40_000)
    await push(2)
    await vi.advanceTimersByTimeAsync(40_000)
    expect(ends()).toHaveLength(1)
  })
})

it('a gateway takes no more streams than it may', async () => {
  await push(0, manifestId('a'))
  await push(0, manifestId('b'))
  await expect(push(0, manifestId('c'))).rejects.toMatchObject({ code: 'stream_limit' })
  await push(1, manifestId('a'))
})

it('a publisher ends its stream with DELETE', async () => {
  await push(0)
  expect((await fetch(`${gateway.httpUrl}/live/${ID}`, { method: 'DELETE' })).status).toBe(204)
  expect(ends()).toEqual([{ type: 'stream_ended', manifestId: ID, reason: 'ended by its publisher' }])
  expect(await (await fetch(`${gateway.httpUrl}/stream/${ID}/source.m3u8`)).text()).toContain('#EXT-X-ENDLIST')
  expect((await fetch(`${gateway.httpUrl}/live/${ID}`, { method: 'DELETE' })).status).toBe(404)
})

it('a segment under way when its stream ends is not put into the ended playlists', async () => {
  slow = new Set([1])
  await push(0)
  const late = push(1).catch(() => 'ended')
  await underWay(1)
  await fetch(`${gateway.httpUrl}/live/${ID}`, { method: 'DELETE' })
  expect(await late).toBe('ended')
  const list = await (await fetch(`${gateway.httpUrl}/stream/${ID}/${LADDER[0]!.name}.m3u8`)).text()
  expect(list).toContain('/0.ts')
  expect(list).not.toContain('/1.ts')
})

it('playlists and segments are read over HTTP, in ranges too', async () => {
  await push(0)
  const name = LADDER[0]!.name
  expect(await (await fetch(`${gateway.httpUrl}/stream/${ID}.m3u8`)).text()).toContain(`${ID}/${name}.m3u8`)
  const part = await fetch(`${gateway.httpUrl}/stream/${ID}/${name}/0.ts`, { headers: { range: 'bytes=0-8' } })
  expect([part.status, await part.text()]).toEqual([206, 'rendition'])
  expect((await fetch(`${gateway.httpUrl}/stream/${ID}/${name}/7.ts`)).status).toBe(404)
  expect((await fetch(`${gateway.httpUrl}/healthz`)).status).toBe(200)
})

it('a page of another site may not publish, and may not end a stream', async () => {
  await push(0)
  const headers = { origin: 'https://evil.example' }
  const put = await fetch(`${gateway.httpUrl}/live/${ID}/1.ts`, { method: 'PUT', body: 'x', headers })
  expect(put.status).toBe(403)
  expect((await fetch(`${gateway.httpUrl}/live/${ID}`, { method: 'DELETE', headers })).status).toBe(403)
  expect(ends()).toEqual([])
})

it('a path that cannot be read is refused, and the gateway goes on', async () => {
  const { hostname, port } = new URL(gateway.httpUrl)
  const socket = connect(Number(port), hostname)
  socket.end('GET // HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  let answer = ''
  for await (const chunk of socket) answer += chunk
  expect(answer).toMatch(/^HTTP\/1.1 400 /)
  expect((await fetch(`${gateway.httpUrl}/healthz`)).status).toBe(200)
})

it('a gateway whose operator wants no pushed segments refuses them, and ends no stream for a stranger', async () => {
  const closed = new Gateway(
    { rtmp: undefined, http: { host: '127.0.0.1', port: 0 }, ladder: LADDER, httpIngest: false },
    {
      openBuyer: () => {
        throw new Error('nothing is bought here')
      },
      choices: new ChoiceLog(),
      hashing,
      clock: new ManualClock(),
      tell: (event) => events.push(event),
      log: silentLog,
    },
  )
  await closed.start()
  for (const [method, path] of [
    ['PUT', '/live/clip/0.ts'],
    ['DELETE', '/live/clip'],
  ] as const) {
    const body = method === 'PUT' ? 'segment' : null
    const response = await fetch(`${closed.httpUrl}${path}`, { method, body })
    expect([response.status, await response.text()]).toEqual([404, expect.stringContaining('-httpIngest')])
  }
  expect((await fetch(`${closed.httpUrl}/healthz`)).status).toBe(200)
  await closed.stop()
})
