import { MillraceError, silentLog, systemClock } from '@millrace/base'
import { Hashing } from '@millrace/base/node'
import { MemoryStore, type ObjectStore, openObjectStore } from '@millrace/media'
import { makeTestClip, type TestClip } from '@millrace/media/testing'
import { DEFAULT_LADDER, manifestId, type NodeEventBody } from '@millrace/wire'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { BoughtSegment, SegmentBuyer } from './buyer.ts'
import { ChoiceLog } from './explain.ts'
import { Gateway, type GatewayDeps } from './gateway.ts'

const LADDER = DEFAULT_LADDER.slice(0, 1)
const ID = manifestId('clip')
const SIGNAL = { signal: new AbortController().signal }

let clip: TestClip
let hashing: Hashing
let gateway: Gateway
let events: NodeEventBody[]

beforeAll(async () => {
  clip = await makeTestClip({ seconds: 3, segmentMs: 1_000, width: 160, height: 90, fps: 10, audio: false })
  hashing = new Hashing()
})
afterAll(async () => hashing.stop())
afterEach(async () => gateway.stop())

/** A gateway whose renditions are the source itself. */
async function open(deps: Partial<GatewayDeps>): Promise<void> {
  events = []
  const buyer = {
    buy: async ({ data }: { data: Uint8Array }) =>
      ({
        ...{ orchestrator: '0x00000000000000000000000000000000000000aa', sessionId: 's' as never, renditions: [data] },
        ...{ pixels: 1n, feeWei: 1n, tickets: 1, paid: true, commitment: undefined, traceparent: '' },
      }) satisfies BoughtSegment,
    close: async () => {},
  } as unknown as SegmentBuyer
  gateway = new Gateway(
    { rtmp: undefined, http: { host: '127.0.0.1', port: 0 }, ladder: LADDER },
    {
      openBuyer: () => buyer,
      choices: new ChoiceLog(),
      hashing,
      clock: systemClock,
      tell: (event) => events.push(event),
      log: silentLog,
      ...deps,
    },
  )
  await gateway.start()
}

const push = (seq: number) =>
  gateway.push({ manifestId: ID, seq, container: 'mpegts', durationMs: 1_000, data: clip.segments[seq]!.data }, SIGNAL)

const end = async () => expect((await fetch(`${gateway.httpUrl}/live/${ID}`, { method: 'DELETE' })).status).toBe(204)

/** Reads a media playlist and fetches each of its segments. */
async function watch(path: string): Promise<{ readonly text: string; readonly segments: readonly Buffer[] }> {
  const url = `${gateway.httpUrl}${path}`
  const text = await (await fetch(url)).text()
  const uris = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const segments = await Promise.all(
    uris.map(async (uri) => Buffer.from(await (await fetch(new URL(uri, url))).arrayBuffer())),
  )
  return { text, segments }
}

describe('a gateway that records', () => {
  it('serves source and renditions as they were, once the stream is over', async () => {
    await open({ recordStore: new MemoryStore(), nodeId: 'https://a/b' })
    for (const seq of [0, 1, 2]) await push(seq)
    await end()
    const master = await (await fetch(`${gateway.httpUrl}/recordings/${ID}/index.m3u8`)).text()
    expect(master).toContain('RESOLUTION=160x90')
    for (const track of ['source', LADDER[0]!.name]) {
      expect(master).toContain(`${track}.m3u8`)
      await expect
        .poll(async () => (await watch(`/recordings/${ID}/${track}.m3u8`)).text, { timeout: 5_000 })
        .toContain('#EXT-X-ENDLIST')
      const { segments } = await watch(`/recordings/${ID}/${track}.m3u8`)
      expect(segments.map((data, seq) => Buffer.compare(data, clip.segments[seq]!.data))).toEqual([0, 0, 0])
    }
  })

  it('goes on with the stream when its store is full, and says that it does not record', async () => {
    const store: ObjectStore = new MemoryStore()
    store.save = () => Promise.reject(new MillraceError('disk_full', 'no space left'))
    await open({ recordStore: store })
    const { renditions } = await push(0)
    expect(renditions).toHaveLength(1)
    await expect
      .poll(() => events.filter((event) => event.type === 'warning'))
      .toMatchObject([{ code: 'not_recorded' }, { code: 'not_recorded' }])
    expect((await watch(`/stream/${ID}/source.m3u8`)).segments).toHaveLength(1)
  })

  it('asks its webhook who may watch, once for all files of a recording', async () => {
    const asked: string[] = []
    const auth = {
      ask: async (url: string) => {
        asked.push(url)
        if (url.includes('forbidden')) throw new MillraceError('stream_refused', 'no')
        return { manifestId: undefined, ladder: undefined }
      },
    }
    await open({ recordStore: new MemoryStore(), auth })
    await push(0)
    asked.length = 0
    await expect
      .poll(async () => (await fetch(`${gateway.httpUrl}/recordings/${ID}/index.m3u8`)).status, { timeout: 5_000 })
      .toBe(200)
    await watch(`/recordings/${ID}/source.m3u8`)
    expect(asked).toEqual([`${gateway.httpUrl}/recordings/${ID}/index.m3u8`])
    expect((await fetch(`${gateway.httpUrl}/recordings/forbidden/index.m3u8`)).status).toBe(403)
  })

  it('has no recordings without a store', async () => {
    await open({})
    expect((await fetch(`${gateway.httpUrl}/recordings/${ID}/index.m3u8`)).status).toBe(404)
  })
})

describe('a gateway with an object store', () => {
  it('sends players to IPFS addresses that it serves itself', async () => {
    await open({ objectStore: openObjectStore('ipfs://') })
    await push(0)
    const { text, segments } = await watch(`/stream/${ID}/${LADDER[0]!.name}.m3u8`)
    expect(text).toMatch(/^\/ipfs\/baf[a-z2-7]+$/m)
    expect(Buffer.compare(segments[0]!, clip.segments[0]!.data)).toBe(0)
    const cid = /\/ipfs\/(\w+)/.exec(text)?.[1]
    const answer = await fetch(`${gateway.httpUrl}/ipfs/${cid}`, { headers: { range: 'bytes=0-0' } })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([206, 'video/mp2t'])
    expect((await fetch(`${gateway.httpUrl}/ipfs/${cid?.replace(/.$/, 'a')}`)).status).toBeOneOf([400, 404])
    expect((await fetch(`${gateway.httpUrl}/ipfs/nonsense`)).status).toBe(400)
  })

  it('serves players itself what the store did not take', async () => {
    const store: ObjectStore = new MemoryStore()
    store.save = () => Promise.reject(new MillraceError('store_unreachable', 'away'))
    await open({ objectStore: store })
    await push(0)
    expect((await watch(`/stream/${ID}/source.m3u8`)).segments).toHaveLength(1)
  })
})
