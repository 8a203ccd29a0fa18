import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, openChromium, openPage, WEBRTC_FLAGS } from '../chromium.ts'
import { until } from '../fixture.ts'
import { startGateway } from './webrtc-gateway.ts'
import { hangUp, play, prepare, publish, received, route } from './webrtc-page.ts'

const path = findChromium()
const hint = 'TURN test (needs Chromium: apt-get install chromium)'
if (!path) console.log(`NOT RUN: ${hint}`)
if (!path && process.env.CI) test(hint, () => expect.fail(`no Chromium was found: ${hint}`))

describe.skipIf(!path)('a browser that may send nothing but to the TURN server', { timeout: 60_000 }, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await openChromium(path as string, WEBRTC_FLAGS)
  })

  afterAll(() => browser?.close())

  test.each(['udp', 'tcp'] as const)('publishes and plays over %s', async (relay) => {
    const listen = { host: '127.0.0.1', port: 0 }
    await using running = await startGateway({ config: { webrtc: { turn: { listen } } } })
    const { url, events } = running
    const open = async () => {
      const { page } = await openPage(browser, { url: `${url}/healthz`, width: 800, height: 600 })
      await prepare(page)
      return page
    }
    const [publisher, viewer] = [await open(), await open()]
    const [whip, whep] = [`${url}/webrtc/whip/cam`, `${url}/webrtc/whep/cam`]
    expect(await publish(publisher, whip, { relay })).toBe(201)
    await until('the stream', 20_000, () => events.some(({ type }) => type === 'stream_started'))
    await until('something to play', 10_000, async () => (await play(viewer, whep, { relay })).status === 201)
    await until('pictures', 20_000, async () => (await received(viewer, whep)).framesDecoded >= 30)
    await until('sound', 10_000, async () => (await received(viewer, whep)).audioPackets > 20)
    for (const [page, address] of [
      [publisher, whip],
      [viewer, whep],
    ] as const) {
      const by = await route(page, address)
      expect(by).toMatchObject({ kind: 'relay', relay })
      expect(by.bytes).toBeGreaterThan(20_000)
    }
    expect(await hangUp(viewer, whep)).toBe(200)
    expect(await hangUp(publisher, whip)).toBe(200)
  })
})
