import { ManualClock, silentLog } from '@millrace/base'
import { Hashing } from '@millrace/base/node'
import { publishTestClip } from '@millrace/media/testing'
import { DEFAULT_LADDER, type NodeEventBody, type VideoProfile } from '@millrace/wire'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { GatewayConfig } from '../config/node-config.ts'
import { AuthWebhook, type StreamGrant } from './auth-webhook.ts'
import type { SourceSegment } from './buyer.ts'
import { ChoiceLog } from './explain.ts'
import { Gateway } from './gateway.ts'
import { BAD_ANSWERS, openWeb } from './web-fixture.ts'

const PROFILE = { name: 'small', width: 160, height: 90, bitrate: 100_000, fps: 10, profile: 'H264Main', gop: '1.0' }
type Answer = (typeof BAD_ANSWERS)[number]
const DENIED: Answer = ['401', (response) => void response.writeHead(401).end()]
let web: Awaited<ReturnType<typeof openWeb>>

beforeEach(async () => {
  web = await openWeb({ manifestID: 'granted' })
})
afterEach(() => web.close())

describe('an auth webhook', () => {
  const ask = (): Promise<StreamGrant> =>
    new AuthWebhook({ url: web.url }, { log: silentLog }).ask('rtmp://gateway/live/clip')

  it('is asked with the address of the stream, and names it', async () => {
    expect(await ask()).toEqual({ manifestId: 'granted', ladder: undefined })
    expect(web.asked).toEqual([{ method: 'POST', path: '/list', body: '{"url":"rtmp://gateway/live/clip"}' }])
  })

  it('accepts the stream as it is with an empty answer', async () => {
    web.serveBy((_, response) => void response.end())
    expect(await ask()).toEqual({ manifestId: undefined, ladder: undefined })
  })

  it.each([
    ['presets', { presets: ['P240p30fps16x9'] }, ['P240p30fps16x9']],
    ['profiles', { profiles: [PROFILE] }, ['small']],
    ['both', { presets: ['P240p30fps16x9'], profiles: [PROFILE] }, ['P240p30fps16x9', 'small']],
    ['no profile at all', { profiles: [] }, []],
    ['null', { profiles: null, presets: null }, undefined],
  ])('gives the ladder by %s', async (_, fields, names) => {
    web.serve({ manifestID: 'granted', ...fields })
    expect((await ask()).ladder?.map(({ name }) => name)).toEqual(names)
  })

  it.each([
    ['10', { verificationFreq: 10 }, 10],
    ['0', { verificationFreq: 0 }, undefined],
    ['null', { verificationFreq: null }, undefined],
  ])('has one result in %s compared with its source', async (_, fields, expected) => {
    web.serve({ manifestID: 'granted', ...fields })
    expect((await ask()).compareOneIn).toBe(expected)
  })

  it.each([DENIED, ...BAD_ANSWERS])('refuses the stream when it answers with %s', async (_, answer) => {
    web.serveBy((_, response) => answer(response))
    await expect(ask()).rejects.toMatchObject({ code: 'stream_refused' })
  })

  it.each([
    ['no manifestID', {}],
    ['a manifestID that is none', { manifestID: '../etc' }],
    ['a preset that nobody knows', { manifestID: 'a', presets: ['P9000'] }],
    ['a profile that is none', { manifestID: 'a', profiles: [{ width: -1 }] }],
    ['a store that the gateway does not have', { manifestID: 'a', objectStore: 's3://key:secret@eu/bucket' }],
  ])('refuses the stream when it answers with %s, and tells no secret', async (_, answer) => {
    web.serve(answer)
    const error = await ask().catch((caught) => caught)
    expect(error).toMatchObject({ code: 'stream_refused' })
    expect(error.message).not.toContain('secret')
  })
})

describe('a gateway with an auth webhook', () => {
  let gateway: Gateway
  let hashing: Hashing
  let events: NodeEventBody[]
  let ladders: (readonly VideoProfile[])[]

  const open = (config: Partial<GatewayConfig> = {}) =>
    new Gateway(
      {
        rtmp: { host: '127.0.0.1', port: 0 },
        http: { host: '127.0.0.1', port: 0 },
        ladder: DEFAULT_LADDER.slice(0, 1),
        ...config,
      },
      {
        auth: new AuthWebhook({ url: web.url }, { log: silentLog }),
        openBuyer: ({ ladder }) => {
          ladders.push(ladder)
          return {
            buy: async (_: SourceSegment) => ({ lost: 'no_orchestrator' as const }),
            buyLive: () => undefined,
            close: async () => {},
          }
        },
        choices: new ChoiceLog(),
        hashing,
        clock: new ManualClock(),
        tell: (event) => events.push(event),
        log: silentLog,
      },
    )

  beforeEach(async () => {
    events = []
    ladders = []
    hashing = new Hashing()
    gateway = open()
    await gateway.start()
  })

  afterEach(async () => {
    await gateway.stop()
    await hashing.stop()
  })

  const put = (path: string) => fetch(`${gateway.httpUrl}${path}`, { method: 'PUT', body: 'a segment' })
  const started = () => events.filter((event) => event.type === 'stream_started')

  it('refuses a pushed stream that the webhook refuses', async () => {
    web.serveBy((_, response) => void response.writeHead(403).end('key: secret'))
    const answer = await put('/live/clip/0.ts')
    expect([answer.status, await answer.text()]).toEqual([403, 'the stream was refused\n'])
    expect(started()).toEqual([])
  })

  it('is told the host of -gatewayHost, and the address that a trusted proxy was asked', async () => {
    web.serveBy((_, response) => void response.writeHead(403).end())
    await gateway.stop()
    gateway = open({ publicHost: 'gateway.example.org', trustedProxies: ['127.0.0.0/8'] })
    await gateway.start()
    const { port } = new URL(gateway.httpUrl)
    await put('/live/clip/0.ts')
    const headers = { 'x-forwarded-host': 'cdn.example.org', 'x-forwarded-proto': 'https' }
    await fetch(`${gateway.httpUrl}/live/clip/1.ts`, { method: 'PUT', body: 'a segment', headers })
    expect(web.asked.map(({ body }) => JSON.parse(body).url)).toEqual([
      `http://gateway.example.org:${port}/live/clip/0.ts`,
      'https://cdn.example.org/live/clip/1.ts',
    ])
    await gateway.stop()
    gateway = open({ publicHost: 'gateway.example.org' })
    await gateway.start()
    await fetch(`${gateway.httpUrl}/live/clip/2.ts`, { method: 'PUT', body: 'a segment', headers })
    expect(JSON.parse(web.asked.at(-1)!.body).url).toMatch(/^http:\/\/gateway\.example\.org:\d+\/live\/clip\/2\.ts$/)
  })

  it('asks once for a stream, gives it its name and its profiles, and ends it by either name', async () => {
    web.serve({ manifestID: 'granted', profiles: [PROFILE] })
    await Promise.all([put('/live/clip/0.ts'), put('/live/clip/1.ts')])
    await put('/live/clip/2.ts')
    expect(web.asked).toHaveLength(1)
    expect(web.asked[0]!.body).toMatch(/"url":"http:\/\/127\.0\.0\.1:\d+\/live\/clip\/[01]\.ts"/)
    expect(started()).toEqual([expect.objectContaining({ manifestId: 'granted', renditions: ['small'] })])
    expect(ladders.map((ladder) => ladder.map(({ name }) => name))).toEqual([['small']])
    expect((await fetch(`${gateway.httpUrl}/stream/granted/source.m3u8`)).status).toBe(200)
    expect((await fetch(`${gateway.httpUrl}/live/clip`, { method: 'DELETE' })).status).toBe(204)
    expect(events.at(-1)).toMatchObject({ type: 'stream_ended', manifestId: 'granted' })
  })

  it('refuses an RTMP publisher that the webhook refuses, and gives another its name and its profiles', async () => {
    const publish = (name: string) =>
      publishTestClip({
        seconds: 2,
        segmentMs: 1_000,
        width: 160,
        height: 90,
        fps: 10,
        audio: false,
        url: `rtmp://127.0.0.1:${gateway.rtmpPort}/live/${name}?token=1`,
        realtime: false,
      })
    web.serveBy((_, response) => void response.writeHead(403).end())
    await expect(publish('clip')).rejects.toThrow()
    expect(started()).toEqual([])
    expect(web.asked.map(({ body }) => JSON.parse(body).url)).toEqual([
      expect.stringMatching(/^rtmp:\/\/127\.0\.0\.1:\d+\/live\/clip\?token=1$/),
    ])
    web.serve({ manifestID: 'granted', profiles: [] })
    await publish('clip')
    await expect.poll(() => started()).toEqual([expect.objectContaining({ manifestId: 'granted', renditions: [] })])
    await expect.poll(() => events.filter(({ type }) => type === 'segment_received').length).toBeGreaterThan(0)
  })
})
