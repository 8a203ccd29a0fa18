import { inspectSegment } from '@millrace/media/testing'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, openChromium, openPage, WEBRTC_FLAGS } from './chromium.ts'
import { until } from './fixture.ts'
import { startGateway } from './webrtc-gateway.ts'
import { hangUp, play, publish, received } from './webrtc-page.ts'

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

  test('publishes by WHIP into HLS, and plays by WHEP', async () => {
    await using running = await startGateway({ log: { ...console, debug: () => {}, child: () => console } as never })
    const { url, events } = running
    const publisher = await open(url)
    const whip = `${url}/webrtc/whip/cam`
    expect(await publish(publisher, whip)).toBe(201)
    expect(await publish(publisher, whip)).toBe(409)

    await until('a segment', 20_000, () => events.some(({ type }) => type === 'segment_received'))
    expect(events[0]).toMatchObject({ type: 'stream_started', manifestId: 'cam', ingest: 'whip' })
    const viewer = await open(url)
    const whep = `${url}/webrtc/whep/cam`
    expect(await play(viewer, whep)).toEqual({ status: 201, text: '' })
    await until('pictures', 10_000, async () => (await received(viewer, whep)).framesDecoded > 60)
    console.log(await received(viewer, whep))
    const list = `${url}/stream/cam/source.m3u8`
    const playlist = await (await fetch(list)).text()
    const segment = playlist.split('\n').findLast((line) => line.endsWith('.ts'))!
    const bytes = await (await fetch(new URL(segment, list))).arrayBuffer()
    const seen = await inspectSegment(new Uint8Array(bytes))
    expect(seen).toMatchObject({ videoCodec: 'h264', firstIsKey: true, decodeErrors: 0 })
    expect(seen.frames).toBeGreaterThan(5)
    // Two seconds of AAC at 48 kHz are 94 frames.
    expect(seen.audioFrames).toBeGreaterThan(80)
    expect(Math.abs(seen.audioPts[0]! - seen.pts[0]!)).toBeLessThan(9_000)
    expect(await hangUp(viewer, whep)).toBe(200)
    expect(await hangUp(publisher, whip)).toBe(200)
    await until('the end', 5_000, () => events.some(({ type }) => type === 'stream_ended'))
  })
})
