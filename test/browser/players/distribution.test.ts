import { freeNetworkPorts } from '@millrace/devnet'
import { DEFAULT_LADDER, type NodeEventOf } from '@millrace/wire'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, openChromium } from '../chromium.ts'
import { startNetwork, until } from '../fixture.ts'

const path = findChromium()
const hint = 'playback from orchestrators in a browser (needs Chromium: apt-get install chromium)'
if (!path) console.log(`NOT RUN: ${hint}`)
if (!path && process.env.CI) test(hint, () => expect.fail(`no Chromium was found: ${hint}`))

/** Seconds of picture that were shown since it was called; a player that begins anew counts on. */
function watchPlaying(page: Page): { readonly shown: () => Promise<number> } {
  let sum = 0
  let last: number | undefined
  return {
    shown: async () => {
      const now = await timeOf(page)
      // A jump, ahead or back, shows nothing.
      if (last !== undefined && now > last && now - last < 2) sum += now - last
      last = now
      return sum
    },
  }
}

const timeOf = (page: Page) => page.evaluate(() => document.querySelector('video')?.currentTime ?? 0)

describe.skipIf(!path)('the page of a network whose orchestrators serve viewers', { timeout: 120_000 }, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await openChromium(path as string)
  })

  afterAll(() => browser?.close())

  test('plays from an orchestrator, and goes on when that one dies', async () => {
    await using running = await startNetwork({
      ports: await freeNetworkPorts(),
      source: { kind: 'generated', name: 'demo', width: 640, height: 360, bitrateBps: 1_000_000 },
      ladder: DEFAULT_LADDER.slice(3),
      preset: 'ultrafast',
      distribute: true,
      gateway: { distribution: { edges: 1 } },
    })
    const { network, url } = running
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    const loaded: string[] = []
    const failed: string[] = []
    page.on('response', (answer) => answer.url().includes('/edge/') && answer.ok() && loaded.push(answer.url()))
    page.on('requestfailed', (request) => failed.push(`${request.url()} ${request.failure()?.errorText}`))
    await page.goto(url)
    await until('pieces from an orchestrator', 60_000, () => loaded.length > 5)
    const began = await timeOf(page)
    await until('a moving picture', 20_000, async () => (await timeOf(page)) > began + 2)

    const chosen = () =>
      network.hub.recent().filter((e): e is typeof e & NodeEventOf<'edge_chosen'> => e.type === 'edge_chosen')
    const first = chosen()[0]
    const dead = ['orchestrator-1', 'orchestrator-2'].find(
      (name) => network.config(name)?.orchestrator?.serviceUri === first?.orchestratorUri,
    )
    await network.kill(dead as string)
    const playing = watchPlaying(page)
    const killedMs = Date.now()
    await until('six seconds of picture', 60_000, async () => (await playing.shown()) > 6)
    const took = Date.now() - killedMs
    const other = () => loaded.some((address) => !address.startsWith(first?.viewerUrl as string))
    await until('pieces from the other orchestrator', 30_000, other)
    console.log(`  six seconds of picture after the death took ${took} ms; ${failed.length} requests failed`)
    // Whoever stands still for long is noticed by its viewers.
    expect(took).toBeLessThan(16_000)
    await page.close()
  })
})
