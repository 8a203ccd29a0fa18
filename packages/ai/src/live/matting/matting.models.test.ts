import { silentLog } from '@millrace/base'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { modelsFolder } from '../../models/models-folder.ts'
import { openPackage } from '../../models/package-store.ts'
import { EmbeddedLiveRunner } from '../embedded-live-runner.ts'
import { liveCatalogEntry } from '../live-catalog.ts'
import { openLiveNetwork, readChannel, Viewer } from '../live-network.fixture.ts'
import { publishLive } from '../publish-live.fixture.ts'
import { HEIGHT, readPhoto, swayingFilm, WIDTH } from '../swaying-film.fixture.ts'
import { effects } from './matting.ts'
import { mattingCard } from './matting-card.ts'

const FPS = 24
const SECONDS = 3
const signal = AbortSignal.timeout(110_000)

/** Her outline, drawn by hand on the photograph. */
const OUTLINE: readonly (readonly [number, number])[] = [
  ...([
    [42, 288],
    [47, 276],
    [58, 260],
    [70, 244],
    [83, 232],
    [97, 222],
    [113, 207],
    [116, 200],
    [113, 188],
  ] as const),
  ...([
    [120, 183],
    [125, 172],
    [132, 162],
    [144, 153],
    [162, 148],
    [179, 149],
    [185, 153],
    [184, 132],
  ] as const),
  ...([
    [178, 132],
    [172, 121],
    [164, 113],
    [156, 102],
    [155, 88],
    [153, 70],
    [158, 58],
    [169, 46],
    [183, 38],
  ] as const),
  ...([
    [192, 30],
    [200, 23],
    [214, 18],
    [232, 15],
    [250, 18],
    [264, 25],
    [278, 32],
    [290, 40],
    [297, 55],
  ] as const),
  ...([
    [300, 70],
    [302, 86],
    [299, 100],
    [294, 113],
    [285, 121],
    [276, 132],
    [269, 137],
    [265, 146],
  ] as const),
  ...([
    [258, 162],
    [257, 174],
    [267, 181],
    [281, 193],
    [294, 207],
    [302, 223],
    [304, 236],
    [318, 243],
  ] as const),
  ...([
    [331, 251],
    [341, 264],
    [346, 278],
    [352, 288],
  ] as const),
]

let network: Awaited<ReturnType<typeof openLiveNetwork>>
const runner = new EmbeddedLiveRunner(liveCatalogEntry(mattingCard.id)!, { log: silentLog })

beforeAll(async () => {
  network = await openLiveNetwork()
  await runner.load({ signal })
}, 110_000)

afterAll(async () => {
  await runner.unload()
  await network.close()
})

it('finds a person on a photograph: nine tenths of what it and a hand-drawn outline cover is the same', async () => {
  const folders = new Map<string, string>()
  for (const spec of mattingCard.packages)
    folders.set(spec.name, await openPackage(spec, { folder: modelsFolder(), signal }))
  const effect = await effects[0]!.open({ folders, cache: modelsFolder(), onProgress: () => {} })
  await effect.update(mattingCard.params.parse({ background: 'mask' }))
  const { data } = await effect.picture({ width: WIDTH, height: HEIGHT, data: await readPhoto() })
  await effect.close()
  let [both, either] = [0, 0]
  for (let y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++) {
      const found = (data[(y * WIDTH + x) * 3] as number) > 127
      const drawn = inside(x + 0.5, y + 0.5)
      if (found && drawn) both++
      if (found || drawn) either++
    }
  console.log(`matting: intersection over union ${(both / either).toFixed(3)}`)
  expect(both / either).toBeGreaterThan(0.9)
})

it('puts a green background behind the person of a live stream, at ten pictures a second or more', async () => {
  const film = await swayingFilm({ fps: FPS, seconds: SECONDS, sway: 8 })
  const output = readChannel(network.urls.output)
  const params = { background: 'colour', width: WIDTH, height: HEIGHT }
  const session = await runner.start({ ...network.request, params }, { signal })
  await publishLive(await network.publisher(network.urls.input), film)
  await session.ended
  const viewer = await Viewer.open()
  for (const segment of await output) viewer.write(segment)
  viewer.end()
  const { counts, stages_ms: stages } = session.status().inference_status
  console.log(
    `live matting at ${WIDTH}x${HEIGHT}: ${viewer.pictures.length} of ${counts.received} pictures in ${SECONDS} s; a picture takes ${Object.entries(
      stages,
    )
      .map(([stage, ms]) => `${ms.toFixed(1)} ms to ${stage}`)
      .join(', ')}`,
  )
  expect(viewer.pictures.length).toBeGreaterThanOrEqual(10 * (SECONDS - 0.5))
  // Two thirds of the picture are behind her.
  for (const { red, green, blue } of viewer.pictures.slice(1)) expect(green - Math.max(red, blue)).toBeGreaterThan(20)
}, 45_000)

function inside(x: number, y: number): boolean {
  let is = false
  for (const [i, [x1, y1]] of OUTLINE.entries()) {
    const [x2, y2] = OUTLINE[(i + 1) % OUTLINE.length] as readonly [number, number]
    if (y1 > y !== y2 > y && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) is = !is
  }
  return is
}
