import { silentLog } from '@millrace/base'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { EmbeddedLiveRunner } from '../embedded-live-runner.ts'
import { factsVtt, type PictureFacts } from '../facts-vtt.ts'
import { liveCatalogEntry } from '../live-catalog.ts'
import { openLiveNetwork, readChannel, Viewer } from '../live-network.fixture.ts'
import { publishLive } from '../publish-live.fixture.ts'
import { HEIGHT, swayAt, swayingFilm, WIDTH } from '../swaying-film.fixture.ts'

const FILM = { fps: 24, seconds: 4, sway: 60 }
const FRAME = 90_000 / FILM.fps
const signal = AbortSignal.timeout(110_000)
let network: Awaited<ReturnType<typeof openLiveNetwork>>
const runner = new EmbeddedLiveRunner(liveCatalogEntry('millrace/live-objects')!, { log: silentLog })

beforeAll(async () => {
  network = await openLiveNetwork()
  await runner.load({ signal })
}, 110_000)

afterAll(async () => {
  await runner.unload()
  await network.close()
})

it('tells where a moving person is, bound to the picture: within one frame of where the person was', async () => {
  const dataUrl = network.urls.output.replace('-out', '-data')
  await network.publisher(dataUrl)
  const film = await swayingFilm(FILM)
  const [output, data] = [readChannel(network.urls.output), readEach(dataUrl)]
  const params = { width: WIDTH, height: HEIGHT, threshold: 0.25 }
  const session = await runner.start({ ...network.request, dataUrl, params }, { signal })
  await publishLive(await network.publisher(network.urls.input), film)
  await session.ended
  const viewer = await Viewer.open()
  for (const segment of await output) viewer.write(segment)
  viewer.end()
  const shown = new Set(viewer.pictures.map(({ pts }) => pts))
  const facts = await data
  expect(facts.length).toBeGreaterThan(5)
  expect(facts.every(({ pts }) => shown.has(pts))).toBe(true)

  const seen = facts.flatMap(({ pts, objects }) => {
    const person = objects.find(({ label }) => label === 'person')
    return person ? [{ pts, x: ((person.box[0] + person.box[2]) / 2) * WIDTH }] : []
  })
  expect(seen.length).toBeGreaterThan(facts.length / 2)
  const errors = [-3, -2, -1, 0, 1, 2, 3].map((late) => ({ late, error: misfit(seen, late) }))
  const best = errors.reduce((one, other) => (other.error < one.error ? other : one))
  console.log(
    `${facts.length} pictures looked at in ${FILM.seconds} s; the boxes fit best ${best.late} frames late, ${best.error.toFixed(1)} pixels off`,
  )
  expect(Math.abs(best.late)).toBeLessThanOrEqual(1)
  expect(factsVtt(facts).split('-->')).toHaveLength(facts.length + 1)
}, 45_000)

/** The mean distance between the boxes' middles and where the person was so many frames before, wherever on the person the middle is. */
function misfit(seen: readonly { readonly pts: number; readonly x: number }[], late: number): number {
  const away = seen.map(({ pts, x }) => x - swayAt(pts - late * FRAME, FILM))
  const mean = away.reduce((sum, value) => sum + value, 0) / away.length
  return away.reduce((sum, value) => sum + Math.abs(value - mean), 0) / away.length
}

type Seen = PictureFacts & {
  readonly objects: readonly { readonly label: string; readonly box: readonly [number, number, number, number] }[]
}

const readEach = async (url: string): Promise<Seen[]> =>
  (await readChannel(url)).map((bytes) => JSON.parse(Buffer.from(bytes).toString()) as Seen)
