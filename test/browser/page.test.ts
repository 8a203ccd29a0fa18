import { freeNetworkPorts } from '@millrace/devnet'
import { DEFAULT_LADDER } from '@millrace/wire'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, openChromium, openPage } from './chromium.ts'
import { expectedFigures } from './expected-figures.ts'
import { startNetwork, until } from './fixture.ts'

const DESKTOP = { width: 1280, height: 900 }
const PHONE = { width: 360, height: 740 }
const SOURCE = { kind: 'generated', name: 'demo' } as const

const path = findChromium()
const hint = 'browser test (needs Chromium: apt-get install chromium)'
if (!path) console.log(`NOT RUN: ${hint}`)
if (!path && process.env.CI) test(hint, () => expect.fail(`no Chromium was found: ${hint}`))

describe.skipIf(!path)('the page in a real browser', { timeout: 240_000 }, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await openChromium(path as string)
  })

  afterAll(() => browser?.close())

  test('plays every rendition, shows the exact figures and draws every node', async () => {
    await using running = await startNetwork({ ports: await freeNetworkPorts(), source: SOURCE })
    const { network, url } = running
    const { page, complaints } = await openPage(browser, { url, ...DESKTOP })

    for (const { name, width, height } of DEFAULT_LADDER) {
      await page.getByRole('radio', { name, exact: true }).check()
      await until(`${name} on the screen`, 60_000, async () => {
        const shown = await pictureOf(page)
        return shown.quality === name && shown.width === width && shown.height === height
      }).catch(async (error: Error) =>
        expect.fail(`${error.message}; ${JSON.stringify([await pictureOf(page), complaints])}`),
      )
      const { time } = await pictureOf(page)
      await until(`${name} playing`, 20_000, async () => (await pictureOf(page)).time > time + 1)
    }

    let difference = ''
    await until('the same figures on the page and in the network', 20_000, async () => {
      const shown = await figuresOf(page)
      const expected = expectedFigures(network.hub.view(), SOURCE.name)
      difference = Object.keys(expected)
        .filter((name) => shown[name] !== expected[name])
        .map((name) => `${name}: ${shown[name]} instead of ${expected[name]}`)
        .join(', ')
      return difference === ''
    }).catch((error: Error) => expect.fail(`${error.message}; ${difference}`))
    expect(Number((await figuresOf(page))['tickets-sent'])).toBeGreaterThan(0)

    const { nodes, chain } = network.hub.view()
    const delegators = chain?.orchestrators.reduce((sum, { delegators }) => sum + delegators.length, 0)
    const drawn = await page
      .locator('.drawing [data-node]')
      .evaluateAll((all) => all.map((e) => e.getAttribute('data-node')))
    const withoutObserver = Object.keys(nodes).filter((id) => id !== 'chain')
    expect(withoutObserver).toHaveLength(5)
    expect(drawn).toEqual(expect.arrayContaining([...withoutObserver, 'chain']))
    expect(await page.locator('.drawing .node.delegator').count()).toBe(delegators)
    expect(await page.locator('.drawing [data-up="false"]').count()).toBe(0)

    await page.locator('.moves .move').first().waitFor({ state: 'attached', timeout: 10_000 })

    await page.emulateMedia({ reducedMotion: 'reduce' })
    await page.locator('.moves .move').last().waitFor({ state: 'detached', timeout: 10_000 })
    const { ticketsSent } = network.hub.view().totals
    await until('more tickets', 20_000, () => network.hub.view().totals.ticketsSent > ticketsSent)
    await until(
      'a page that shows them',
      5_000,
      async () => Number((await figuresOf(page))['tickets-sent']) > ticketsSent,
    )
    expect(await page.locator('.moves .move').count()).toBe(0)

    await network.kill('orchestrator-2')
    await page.locator('.drawing [data-node="orchestrator-2"][data-up="false"]').waitFor({ timeout: 5_000 })

    await page.setViewportSize(PHONE)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE.width)
    expect(structuredClone(complaints)).toEqual({ errors: [], violations: [] })
  })

  test('tells how to publish while nothing is live, and goes on when the network starts again', async () => {
    const ports = await freeNetworkPorts()
    let page: Page
    {
      await using running = await startNetwork({ ports, offchain: true })
      ;({ page } = await openPage(browser, { url: running.url, ...PHONE }))
      await page.getByText('Nothing is live yet').waitFor()
      const rtmpLine = `rtmp://127.0.0.1:${ports.rtmp}/live/my-stream`
      await page.locator('.nothing-live').getByText(rtmpLine, { exact: true }).waitFor()
      expect(await page.getByRole('heading', { name: 'Payments' }).count()).toBe(0)
      expect(await page.locator('[data-figure="tickets-sent"]').count()).toBe(0)
    }
    await page.getByText('The network does not answer', { exact: true }).waitFor()

    await using _again = await startNetwork({ ports, offchain: true, source: SOURCE })
    await until('a picture after the new start', 60_000, async () => (await pictureOf(page)).width > 0)
    const { time } = await pictureOf(page)
    await until('the picture playing', 20_000, async () => (await pictureOf(page)).time > time + 1)
  })
})

/** What the video element shows at this moment, and what the page says that it shows. */
const pictureOf = (page: Page) =>
  page.evaluate(() => {
    const video = document.querySelector('video')
    const shown = document.querySelector('[data-figure="quality-shown"]')
    return {
      time: video?.currentTime ?? 0,
      width: video?.videoWidth ?? 0,
      height: video?.videoHeight ?? 0,
      quality: shown?.getAttribute('data-value') ?? '',
    }
  })

/** All figures of the page at one moment. */
const figuresOf = (page: Page): Promise<Record<string, string>> =>
  page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll('[data-figure]')].map((element) => [
        element.getAttribute('data-figure') ?? '',
        element.getAttribute('data-value') ?? '',
      ]),
    ),
  )
