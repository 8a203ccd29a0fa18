import { setTimeout as sleep } from 'node:timers/promises'
import { silentLog } from '@millrace/base'
import { makeTestFilm } from '@millrace/media/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { subscribe } from '../trickle/trickle-subscriber.ts'
import { EmbeddedLiveRunner } from './embedded-live-runner.ts'
import { liveCatalogEntry } from './live-catalog.ts'
import { openLiveNetwork, readEvents, type SeenPicture, Viewer } from './live-network.fixture.ts'
import { publishLive } from './publish-live.fixture.ts'

const FPS = 24
const SECONDS = 7
const signal = AbortSignal.timeout(50_000)
let network: Awaited<ReturnType<typeof openLiveNetwork>>
let runner: EmbeddedLiveRunner

beforeAll(async () => {
  network = await openLiveNetwork()
  runner = new EmbeddedLiveRunner(liveCatalogEntry('millrace/effects')!, { log: silentLog })
})

afterAll(async () => {
  await runner.unload()
  await network.close()
})

it('a live stream shows changed parameters within a second, and goes on when its process is killed', async () => {
  const film = await makeTestFilm({
    chain: `testsrc2=size=640x360:rate=${FPS}`,
    fps: FPS,
    seconds: SECONDS,
    segmentMs: 1_000,
    bitrateBps: 1_000_000,
  })
  const events = readEvents(network.urls.events)
  const params = { effect: 'none', width: 512, height: 288 }
  const session = await runner.start({ ...network.request, params }, { signal })
  // Also one that dies before it has begun is followed by another.
  process.kill(session.pid!, 'SIGKILL')
  const pictures: (SeenPicture & { readonly at: number })[] = []
  const viewer = await Viewer.open((picture) => pictures.push({ ...picture, at: performance.now() }))
  const watching = (async () => {
    for await (const { data } of subscribe({ url: network.urls.output, from: 0 }))
      try {
        for await (const chunk of data) viewer.write(chunk)
      } catch {
        // The segment of the process that is killed may break off.
      }
  })()
  const publishing = publishLive(await network.publisher(network.urls.input), film.frames)
  const control = await network.publisher(network.urls.control)

  const until = async (what: (picture: SeenPicture & { readonly at: number }) => boolean) => {
    for (;;) {
      const found = pictures.find(what)
      if (found) return found
      signal.throwIfAborted()
      await sleep(20)
    }
  }
  expect((await until(() => true)).colour).toBeGreaterThan(40)
  await sleep(1_000)
  const changedAt = performance.now()
  await control.write(Buffer.from('{"effect":"greyscale"}'))
  const grey = await until(({ at, colour }) => at > changedAt && colour < 8)
  const change = grey.at - changedAt
  expect(session.status().inference_status.last_params).toMatchObject({ effect: 'greyscale', width: 512 })
  await control.write(Buffer.from('{"keep":"alive"}'))
  await control.write(Buffer.from('{"effect":"magic"}'))

  await sleep(500)
  const before = pictures.at(-1)!
  const killedAt = performance.now()
  process.kill(session.pid!, 'SIGKILL')
  const back = await until(({ at, pts }) => at > killedAt + 100 && pts > before.pts + 9_000)
  expect(back.colour).toBeLessThan(8)
  const gap = back.at - killedAt
  await publishing
  expect(await session.ended).toBe('its input has ended')
  await watching
  viewer.end()

  console.log(
    `change of parameters seen after ${change.toFixed(0)} ms; picture back ${gap.toFixed(0)} ms after the kill; ${pictures.length} pictures of ${SECONDS * FPS} at 512x288`,
  )
  expect(change).toBeLessThan(1_000)
  expect(gap).toBeLessThan(5_000)
  const steps = pictures.slice(1).map(({ pts }, i) => pts - (pictures[i]?.pts as number))
  expect(Math.min(...steps)).toBeGreaterThan(0)
  // Time stamps are the source's: what was missing is missing, and nothing jumps.
  const times = new Set(film.frames.map(({ pts }) => pts))
  expect(pictures.every(({ pts }) => times.has(pts))).toBe(true)
  expect(Math.max(...steps)).toBeLessThan(5 * 90_000)
  const told = await events
  expect(told).toContainEqual(expect.objectContaining({ type: 'restart', restart_count: 2 }))
  expect(told).toContainEqual(expect.objectContaining({ type: 'error', message: expect.stringContaining('effect') }))
  expect(told.at(-1)).toMatchObject({ type: 'status', inference_status: { restart_count: 2 } })
}, 45_000)
