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
import { photograph } from '../photographs-fixture.ts'

const signal = AbortSignal.timeout(120_000)
const av = await loadAv()
const runners = ['millrace/rdn-psnr-x2', 'millrace/esrgan-slim-x2', 'millrace/esrgan-slim-x4'].map(
  (id) => new EmbeddedRunner(catalogEntry(id)!, { timeLimitMs: 100_000 }),
)
const [rdn, slimX2, slimX4] = runners as [EmbeddedRunner, EmbeddedRunner, EmbeddedRunner]

beforeAll(() => Promise.all(runners.map((runner) => runner.load({ signal }))), 120_000)
afterAll(() => Promise.all(runners.map((runner) => runner.unload())))

async function enlarge(runner: EmbeddedRunner, bytes: Uint8Array): Promise<Picture> {
  const image = { name: 'in.png', type: 'image/png', bytes }
  const { files } = await runner.run({ requestId: 'r', request: {}, files: { image } }, { signal })
  return decodePicture(av, files[0]!.bytes)
}

function meanSquare(one: Picture, other: Picture): number {
  let sum = 0
  for (let at = 0; at < one.rgba.length; at++) if (at % 4 < 3) sum += (one.rgba[at]! - other.rgba[at]!) ** 2
  return sum / (one.width * one.height * 3)
}
const psnr = (one: Picture, other: Picture) => 10 * Math.log10(255 ** 2 / meanSquare(one, other))

describe('upscaling', () => {
  it.each(['airplane-from-above', 'allium-oreophilum', 'acanthus-mollis'] as const)(
    'brings back at least 1 dB more of %s than Lanczos',
    async (name) => {
      const truth = resize(av, decodePicture(av, await photograph(name)), 256, 256, 'lanczos')
      const small = resize(av, truth, 128, 128, 'lanczos')
      const filtered = psnr(truth, resize(av, small, 256, 256, 'lanczos'))
      const learnt = psnr(truth, await enlarge(rdn, encodePng(av, small)))
      console.log(`${name}: Lanczos ${filtered.toFixed(2)} dB, ${rdn.modelId} ${learnt.toFixed(2)} dB`)
      expect(learnt - filtered).toBeGreaterThanOrEqual(1)
    },
    60_000,
  )

  it.each([
    [slimX2, 2],
    [slimX4, 4],
  ] as const)('gives with the slim network what its authors show (%#)', async (runner, scale) => {
    const assets = join(modelsFolder(), '@upscalerjs+esrgan-slim@1.0.0/assets')
    const made = await enlarge(runner, await readFile(join(assets, 'fixture.png')))
    const shown = decodePicture(av, await readFile(join(assets, `samples/${scale}x/result.png`)))
    expect(made.width).toBe(shown.width)
    expect(meanSquare(made, shown)).toBeLessThan(0.01)
  })

  it('shows no seam between tiles', async () => {
    const picture = resize(av, decodePicture(av, await photograph('march-pastoral')), 260, 64, 'area')
    const across = await enlarge(slimX2, encodePng(av, picture))
    // The seam of the wide picture is at 192; this cut has it in the middle of a tile.
    const cut = crop(picture, 150, 0, 84, 64)
    const whole = await enlarge(slimX2, encodePng(av, cut))
    expect(meanSquare(crop(across, 350, 20, 68, 80), crop(whole, 50, 20, 68, 80))).toBeLessThan(0.01)
  })

  it('keeps what is see-through', async () => {
    const rgba = new Uint8Array(32 * 32 * 4).fill(200)
    for (let at = 3; at < rgba.length / 2; at += 4) rgba[at] = 0
    const { rgba: out } = await enlarge(slimX2, encodePng(av, { width: 32, height: 32, rgba }))
    expect(out[(8 * 64 + 8) * 4 + 3]).toBe(0)
    expect(out[(56 * 64 + 8) * 4 + 3]).toBeCloseTo(200, -1)
  })

  it('refuses a picture whose result would be too large', async () => {
    const wide = Buffer.from(encodePng(av, { width: 8, height: 8, rgba: new Uint8Array(256) }))
    wide.writeUInt32BE(4_000, 16)
    wide.writeUInt32BE(4_000, 20)
    await expect(enlarge(slimX2, wide)).rejects.toMatchObject({ code: 'ai_too_large' })
  })
})

function crop({ width, rgba }: Picture, x: number, y: number, w: number, h: number): Picture {
  const out = new Uint8Array(w * h * 4)
  for (let row = 0; row < h; row++) {
    const from = ((y + row) * width + x) * 4
    out.set(rgba.subarray(from, from + w * 4), row * w * 4)
  }
  return { width: w, height: h, rgba: out }
}
