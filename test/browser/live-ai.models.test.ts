import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { freeNetworkPorts } from '@millrace/devnet'
import type { NodeEvent } from '@millrace/wire'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium, openChromium, openPage, WEBRTC_FLAGS } from './chromium.ts'
import { startNetwork, until } from './fixture.ts'
import { type Glance, glances, pageNow, watch } from './live-ai-page.ts'
import { play, publish } from './players/webrtc-page.ts'

const MODEL = 'millrace/live-matting'
const PARAMS = { width: 512, height: 288, background: 'colour', colour: '#00b140' }
const WINDOW = { width: 640, height: 480 }

const path = findChromium()
const hint = 'live AI in a browser (needs Chromium: apt-get install chromium)'
if (!path) console.log(`NOT RUN: ${hint}`)
if (!path && process.env.CI) test(hint, () => expect.fail(`no Chromium was found: ${hint}`))

/** The processes in which effects run, below this one. */
const effects = (): readonly number[] =>
  execFileSync('ps', ['-eo', 'pid,ppid,args'], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => match?.[2] === `${process.pid}` && match[3]?.includes('live-child'))
    .map((match) => Number(match?.[1]))

const isRed = ({ red, green }: Glance) => red > green + 60
/** The longest that no new picture was shown, and the largest step of its time stamps, in seconds. */
function gaps(seen: readonly Glance[]): { readonly pause: number; readonly step: number; readonly back: boolean } {
  const pairs = seen.slice(1).map((glance, i) => [seen[i] as Glance, glance] as const)
  const steps = pairs.map(([a, b]) => ((b.rtp - a.rtp) | 0) / 90_000)
  return {
    pause: Math.max(...pairs.map(([a, b]) => b.atMs - a.atMs)) / 1_000,
    step: Math.max(...steps),
    back: steps.some((step) => step < 0),
  }
}

describe.skipIf(!path)('a camera with another background, from page to page', { timeout: 180_000 }, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await openChromium(path as string, WEBRTC_FLAGS)
  })

  afterAll(() => browser?.close())

  const open = async (url: string): Promise<Page> =>
    (await openPage(browser, { url: `${url}/healthz`, ...WINDOW })).page

  test('goes on when its process and then its orchestrator are killed, and shows a change within a second', async () => {
    const ports = await freeNetworkPorts()
    await using running = await startNetwork({
      ports,
      aiModels: [{ pipeline: 'live-video-to-video', modelId: MODEL, adapter: 'embedded', warm: true }],
    })
    const events: NodeEvent[] = []
    running.network.hub.listen((event) => void events.push(event))
    const gateway = `http://127.0.0.1:${ports.gatewayHttp}`
    const live = `${gateway}/live/video-to-video`
    await until('the pipeline', 120_000, async () => {
      const { pipelines } = (await (await fetch(`${live}/pipelines`)).json()) as { pipelines: { warm: boolean }[] }
      return pipelines[0]?.warm === true
    })
    const publisher = await open(gateway)
    const query = new URLSearchParams({ pipeline: MODEL, params: JSON.stringify(PARAMS) })
    expect(await publish(publisher, `${live}/cam/whip?${query}`, { width: 640 })).toBe(201)
    const viewer = await open(gateway)
    const whep = `${live}/cam-out/whep`
    expect(await play(viewer, whep)).toEqual({ status: 201, text: '' })
    await watch(viewer)
    await until('pictures', 20_000, async () => (await glances(viewer)).length > 60)
    const before = await glances(viewer)
    const fps = (before.length - 1) / ((before.at(-1)!.atMs - before[0]!.atMs) / 1_000)

    const changed = await pageNow(viewer)
    expect((await fetch(`${live}/cam/update`, { method: 'POST', body: '{"colour":"#e00000"}' })).status).toBe(200)
    await until('the new colour', 10_000, async () => (await glances(viewer)).some(isRed))
    const changeMs = (await glances(viewer)).find(isRed)!.atMs - changed

    const since = async (at: number) => (await glances(viewer)).filter(({ atMs }) => atMs > at - 500)
    const killing = async (what: string, kill: () => Promise<void> | void) => {
      const at = await pageNow(viewer)
      await kill()
      await until(`pictures after ${what}`, 15_000, async () => {
        const seen = await since(at)
        return seen.some(({ atMs }) => atMs > at + 6_000)
      })
      return gaps(await since(at))
    }
    const [pid] = effects()
    expect(pid).toBeDefined()
    // One process waits for the next stream; the one that works has used the processor.
    const child = await killing('the end of the process', () => {
      for (const each of effects()) process.kill(each, 'SIGKILL')
    })
    const begun = events.findLast((event) => event.type === 'live_ai_begun')!
    const orchestrator = await killing('the end of the orchestrator', () => running.network.kill(begun.nodeId))
    const { gateway_status, inference_status } = (await (await fetch(`${live}/cam/status`)).json()) as Record<
      string,
      Record<string, unknown>
    >
    console.log(
      `  ${fps.toFixed(1)} pictures a second; a change seen after ${changeMs.toFixed(0)} ms; longest pauses: ` +
        `process killed ${child.pause.toFixed(1)} s, orchestrator killed ${orchestrator.pause.toFixed(1)} s; ` +
        `stages ${JSON.stringify(inference_status?.stages_ms)}`,
    )
    expect(gateway_status?.swaps).toBe(1)
    // What was changed holds for the one that took over.
    expect(isRed((await glances(viewer)).at(-1)!)).toBe(true)
    expect(fps).toBeGreaterThanOrEqual(10)
    expect(changeMs).toBeLessThanOrEqual(1_000)
    for (const { pause, step, back } of [child, orchestrator]) {
      expect(pause).toBeLessThanOrEqual(5)
      // A pause is as long in the time stamps as it was on the clock, and never backwards.
      expect(step).toBeLessThanOrEqual(pause + 1)
      expect(back).toBe(false)
    }
  })
  test('is what the page for users says it is', async () => {
    const page = readFileSync(fileURLToPath(new URL('../../docs/live-ai.md', import.meta.url)), 'utf8')
    const [begin, change] = [...page.matchAll(/```js\n([^`]*(?:`[^`]+`[^`]*)*?)```/g)].map(([, code]) => code as string)
    const ports = await freeNetworkPorts()
    await using _ = await startNetwork({
      ports,
      offchain: true,
      aiModels: [{ pipeline: 'live-video-to-video', modelId: MODEL, adapter: 'embedded', warm: true }],
    })
    const gateway = `http://127.0.0.1:${ports.gatewayHttp}`
    await until('the pipeline', 120_000, async () => {
      const answer = await fetch(`${gateway}/live/video-to-video/pipelines`)
      return ((await answer.json()) as { pipelines: { warm: boolean }[] }).pipelines[0]?.warm === true
    })
    const user = await open(gateway)
    const run = (code: string) => user.evaluate(`(async () => { const live = '/live/video-to-video'; ${code} })()`)
    await run((begin as string).replace(/^const live = .*\n/, ''))
    await watch(user)
    await until('pictures', 20_000, async () => (await glances(user)).length > 20)
    expect(await user.evaluate(() => document.querySelector('video')?.videoWidth)).toBe(512)
    const isBlue = ({ red, blue }: Glance) => blue > red + 100
    expect((await glances(user)).some(isBlue)).toBe(false)
    await run(change as string)
    await until('the new background', 10_000, async () => (await glances(user)).some(isBlue))
  })
})
