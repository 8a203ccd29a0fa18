import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadAv } from '@millrace/media/process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodePicture } from '../../pictures/decode-picture.ts'
import { encodePng } from '../../pictures/encode-picture.ts'
import { type Picture, resize } from '../../pictures/picture.ts'
import { EmbeddedRunner } from '../../runners/embedded/embedded-runner.ts'
import { catalogEntry } from '../catalog.ts'
import { modelsFolder } from '../models-folder.ts'
import { openPackage } from '../package-store.ts'
import { photograph } from '../photographs-fixture.ts'

const signal = AbortSignal.timeout(120_000)
const av = await loadAv()
const selfie = new EmbeddedRunner(catalogEntry('millrace/selfie-matting')!)
const walker = new EmbeddedRunner(catalogEntry('millrace/random-walker')!)
beforeAll(() => Promise.all([selfie.load({ signal }), walker.load({ signal })]), 120_000)
afterAll(() => Promise.all([selfie.unload(), walker.unload()]))

type Mask = readonly (readonly number[])[]

async function segment(runner: EmbeddedRunner, bytes: Uint8Array, request: Record<string, unknown>) {
  const image = { name: 'in', type: 'image/jpeg', bytes }
  const { response } = await runner.run({ requestId: 'r', request, files: { image } }, { signal })
  const read = (name: string) => JSON.parse(response[name] as string)
  return { masks: read('masks') as Mask[], scores: read('scores') as number[], logits: read('logits') as Mask[] }
}

/** Part of what either mask shows that both do. */
function iou(mask: Mask, truth: (x: number, y: number) => boolean): number {
  let both = 0
  let either = 0
  for (const [y, row] of mask.entries())
    for (const [x, value] of row.entries()) {
      const [a, b] = [value > 0, truth(x, y)]
      if (a && b) both++
      if (a || b) either++
    }
  return both / either
}

describe('matting of people', () => {
  /** A square of the package's first sample (MIT): a woman with long hair, and the sleeve of another at the left edge. */
  async function portrait(): Promise<Picture> {
    const spec = {
      name: '@vladmandic/face-api',
      version: '1.7.15',
      integrity: 'sha512-WDMmK3CfNLo8jylWqMoQgf4nIst3M0fzx1dnac96wv/dvMTN4DxC/Pq1DGtduDk1lktCamQ3MIDXFnvrdHTXDw==',
      keep: ['demo/sample1.jpg', 'LICENSE'],
    }
    const folder = await openPackage(spec, { folder: modelsFolder(), signal })
    const { width, rgba } = decodePicture(av, await readFile(join(folder, 'demo/sample1.jpg')))
    const rows = Array.from({ length: 720 }, (_, y) => {
      const from = ((y + 120) * width + 1_160) * 4
      return rgba.subarray(from, from + 720 * 4)
    })
    return resize(av, { width: 720, height: 720, rgba: Buffer.concat(rows) }, 360, 360, 'area')
  }

  /** Drawn by hand on that square, in pixels of 720. */
  const OUTLINE = `0,720 0,478 40,470 72,490 85,470 105,415 125,372 160,330 200,308 245,295
    285,255 305,220 312,180 330,140 365,110 400,80 440,65 500,60 545,75 575,110
    592,150 606,200 612,250 620,300 630,340 638,400 645,460 650,520 655,580 655,640 655,720`
    .split(/\s+/)
    .map((point) => point.split(',').map(Number) as [number, number])

  function inOutline(x: number, y: number): boolean {
    let inside = false
    for (const [index, [ax, ay]] of OUTLINE.entries()) {
      const [bx, by] = OUTLINE[(index + 1) % OUTLINE.length]!
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside
    }
    return inside
  }

  it('agrees with a mask that was drawn by hand', async () => {
    const { masks, scores } = await segment(selfie, encodePng(av, await portrait()), {})
    const agreement = iou(masks[0]!, (x, y) => inOutline(x * 2 + 1, y * 2 + 1))
    console.log(`millrace/selfie-matting: IoU ${agreement.toFixed(3)}`)
    expect(agreement).toBeGreaterThanOrEqual(0.9)
    expect(scores[0]).toBeGreaterThan(0.9)
  })

  it('answers nobody where a point shows what is behind', async () => {
    const request = { point_coords: '[[20, 100]]', point_labels: '[1]' }
    const { masks } = await segment(selfie, encodePng(av, await portrait()), request)
    expect(masks[0]!.flat().every((value) => value <= 0)).toBe(true)
  })
})

describe('outline of what is pointed at', () => {
  it('is that of a flower before a wall, by a point and by a box', async () => {
    const bytes = await photograph('allium-oreophilum')
    const { width, height, rgba } = decodePicture(av, bytes)
    // The wall is lighter than anything of the flower but some lights in it.
    const dark = (x: number, y: number) => rgba[(y * width + x) * 4 + 1]! < 170
    for (const request of [{ point_coords: '[[400, 500]]', point_labels: '[1]' }, { box: '[10, 50, 800, 1020]' }]) {
      const { masks, scores, logits } = await segment(walker, bytes, request)
      expect([masks.length, masks[0]!.length, masks[0]![0]!.length]).toEqual([3, height, width])
      expect([logits.length, logits[0]!.length, logits[0]![0]!.length]).toEqual([3, 256, 256])
      const agreement = iou(masks[scores.indexOf(Math.max(...scores))]!, dark)
      console.log(`millrace/random-walker, ${Object.keys(request)[0]}: IoU ${agreement.toFixed(3)}`)
      expect(agreement).toBeGreaterThanOrEqual(0.9)
    }
  })

  it('goes on from the logits of an earlier answer, and answers one mask of yes and no where asked', async () => {
    const bytes = await photograph('allium-oreophilum')
    const first = await segment(walker, bytes, { box: '[10, 50, 800, 1020]' })
    const request = { mask_input: JSON.stringify(first.logits[0]), multimask_output: false, return_logits: false }
    const { masks, scores } = await segment(walker, bytes, request)
    expect([masks.length, scores.length]).toEqual([1, 1])
    expect(new Set(masks[0]!.flat())).toEqual(new Set([0, 1]))
    expect(iou(masks[0]!, (x, y) => first.masks[0]![y]![x]! > 0)).toBeGreaterThan(0.9)
  })
})
