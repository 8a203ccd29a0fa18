import { silentLog } from '@millrace/base'
import { freeNetworkPorts } from '@millrace/devnet'
import { openMediaEngine, WholeSegments } from '@millrace/media'
import { inspectSegment, makeTestClip, publishTestClip } from '@millrace/media/testing'
import { DEFAULT_LADDER, type NodeEvent, type VideoProfile } from '@millrace/wire'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, openChromium, openPage, WEBRTC_FLAGS } from '../chromium.ts'
import { startNetwork, until } from '../fixture.ts'
import { startGateway } from './webrtc-gateway.ts'
import { hangUp, play, publish, received, sent } from './webrtc-page.ts'

const WINDOW = { width: 800, height: 600 }

const path = findChromium()
const hint = 'WebRTC test (needs Chromium: apt-get install chromium)'
if (!path) console.log(`NOT RUN: ${hint}`)
if (!path && process.env.CI) test(hint, () => expect.fail(`no Chromium was found: ${hint}`))

describe.skipIf(!path)('WebRTC with a real browser', { timeout: 90_000 }, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await openChromium(path as string, WEBRTC_FLAGS)
  })

  afterAll(() => browser?.close())

  /** A page of the gateway's own origin. */
  const open = async (url: string): Promise<Page> =>
    (await openPage(browser, { url: `${url}/healthz`, ...WINDOW })).page

  test('publishes by WHIP into HLS and plays by WHEP, one publisher a name, and hangs up', async () => {
    await using running = await startGateway()
    const { url, events, gateway } = running
    const publisher = await open(url)
    const whip = `${url}/webrtc/whip/cam`
    const whep = `${url}/webrtc/whep/cam`
    expect((await play(publisher, whep)).status).toBe(404)
    expect(await publish(publisher, whip)).toBe(201)
    const second = await open(url)
    expect(await publish(second, whip)).toBe(409)

    await until('the stream', 20_000, () => events.some(({ type }) => type === 'stream_started'))
    expect(events[0]).toMatchObject({ type: 'stream_started', manifestId: 'cam', ingest: 'whip' })
    const viewer = await open(url)
    await playing(viewer, whep)
    await until('pictures', 20_000, async () => (await received(viewer, whep)).framesDecoded >= 40)
    const seen = await received(viewer, whep)
    expect(seen).toMatchObject({ state: 'connected', lost: 0, width: 640 })
    // A key frame was asked for when the viewer came, and is every two seconds.
    expect(seen.keyFramesDecoded).toBeGreaterThan(0)
    await until('sound', 10_000, async () => (await received(viewer, whep)).audioPackets > 20)
    expect(((await sent(publisher, whip)).pli as number) >= 1).toBe(true)

    await until('two segments', 20_000, () => events.filter(({ type }) => type === 'segment_received').length >= 2)
    const list = `${url}/stream/cam/source.m3u8`
    const playlist = await (await fetch(list)).text()
    const segment = playlist.split('\n').findLast((line) => line.endsWith('.ts'))!
    const bytes = await (await fetch(new URL(segment, list))).arrayBuffer()
    const inspected = await inspectSegment(new Uint8Array(bytes))
    expect(inspected).toMatchObject({ videoCodec: 'h264', firstIsKey: true, decodeErrors: 0 })
    expect(inspected.frames).toBeGreaterThan(5)
    // Two seconds of AAC at 48 kHz are 94 frames.
    expect(inspected.audioFrames).toBeGreaterThan(60)
    expect(Math.abs(inspected.audioPts[0]! - inspected.pts[0]!)).toBeLessThan(45_000)

    expect(await hangUp(viewer, whep)).toBe(200)
    expect(await hangUp(publisher, whip)).toBe(200)
    await until('the end', 5_000, () => events.some(({ type }) => type === 'stream_ended'))
    expect(gateway.webRtcSessions).toBe(0)
  })

  test.each(['VP8', 'VP9', 'AV1'])('takes %s from a browser, and makes it into H.264', async (name) => {
    await using running = await startGateway()
    const { url, events } = running
    const publisher = await open(url)
    expect(await publish(publisher, `${url}/webrtc/whip/cam`, { codec: `video/${name}`, width: 320 })).toBe(201)
    // The first may be a single picture, where the browser is slow to begin.
    await until('three segments', 40_000, () => events.filter(({ type }) => type === 'segment_received').length >= 3)
    const list = `${url}/stream/cam/source.m3u8`
    const segment = (await (await fetch(list)).text()).split('\n').findLast((line) => line.endsWith('.ts'))!
    const bytes = await (await fetch(new URL(segment, list))).arrayBuffer()
    const inspected = await inspectSegment(new Uint8Array(bytes))
    expect(inspected).toMatchObject({ videoCodec: 'h264', firstIsKey: true, decodeErrors: 0 })
    expect(inspected.frames).toBeGreaterThan(5)
    expect(inspected.audioFrames).toBeGreaterThan(30)
  })

  test('plays what an encoder publishes by RTMP, and its rendition through the network while segments are still made', async () => {
    const ports = await freeNetworkPorts()
    const ladder = [{ ...DEFAULT_LADDER.at(-1)!, width: 320, height: 180 }]
    await using running = await startNetwork({ ports, offchain: true, ladder, preset: 'ultrafast' })
    let inParts = 0
    running.network.hub.listen((event: NodeEvent) => {
      if (event.type === 'segment_transcoded' && event.live) inParts++
    })
    const stop = new AbortController()
    const publishing = publishTestClip({
      url: `rtmp://127.0.0.1:${ports.rtmp}/live/clip`,
      seconds: 60,
      width: 320,
      height: 180,
      signal: stop.signal,
    }).catch(() => {})
    const url = `http://127.0.0.1:${ports.gatewayHttp}`
    const viewer = await open(url)
    const source = `${url}/webrtc/whep/clip`
    const rendition = `${source}?rendition=${ladder[0]!.name}`
    await playing(viewer, source)
    await playing(viewer, rendition)
    for (const address of [source, rendition]) {
      await until('pictures', 20_000, async () => (await received(viewer, address)).framesDecoded >= 45)
      await until('sound', 10_000, async () => (await received(viewer, address)).audioPackets > 20)
      expect(await received(viewer, address)).toMatchObject({ state: 'connected', lost: 0, width: 320 })
    }
    await until('a segment in parts', 10_000, () => inParts > 0)
    const unknown = await play(viewer, `${source}?rendition=other`)
    expect(unknown).toMatchObject({ status: 404, text: expect.stringContaining('other') })
    stop.abort()
    await publishing
  })

  test('shows a rendition where the source has B-frames, and says so where there is none', async () => {
    const ladder = DEFAULT_LADDER.slice(0, 1)
    const { clip, reordered } = await twoSegments(ladder[0]!)
    let delivers = false
    await using running = await startGateway({
      ladder,
      buy: async () =>
        delivers
          ? ({
              orchestrator: '0xaa',
              sessionId: 's',
              renditions: [clip],
              pixels: 1n,
              feeWei: 1n,
              tickets: 1,
              paid: true,
            } as never)
          : { lost: 'no_orchestrator' },
    })
    const { url } = running
    const push = async (seq: number) => {
      const answer = await fetch(`${url}/live/film/${seq}.ts`, { method: 'PUT', body: reordered as BodyInit })
      await answer.arrayBuffer()
    }
    const viewer = await open(url)
    await push(0)
    const refused = await play(viewer, `${url}/webrtc/whep/film`)
    expect(refused).toMatchObject({ status: 406, text: expect.stringContaining('B-frames') })

    delivers = true
    await push(1)
    const whep = `${url}/webrtc/whep/film`
    expect((await play(viewer, whep)).status).toBe(201)
    await until('pictures', 20_000, async () => (await received(viewer, whep)).framesDecoded >= 30)
  })
})

/** Plays as soon as there is something to play; a gateway takes no more than an offer a second for long. */
const playing = (page: Page, address: string): Promise<void> =>
  until(address, 20_000, async () => {
    const { status } = await play(page, address)
    if (status !== 201) await page.waitForTimeout(700)
    return status === 201
  })

/** The same two seconds without B-frames, and with them as x264 makes them. */
async function twoSegments(profile: VideoProfile): Promise<{ clip: Uint8Array; reordered: Uint8Array }> {
  const made = await makeTestClip({ seconds: 2, width: 426, height: 240 })
  const clip = made.segments[0]!.data
  const { engine } = await openMediaEngine({ spare: false, preset: 'ultrafast' }, { log: silentLog })
  try {
    const session = await engine.open({ profiles: [{ ...profile, profile: 'main' }] })
    const segments = new WholeSegments(session)
    const { renditions } = await segments.transcode({ seq: 0, data: clip, container: 'mpegts' })
    await segments.close()
    return { clip, reordered: renditions[0]!.data }
  } finally {
    await engine.close()
  }
}
