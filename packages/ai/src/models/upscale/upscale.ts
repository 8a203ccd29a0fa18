import { availableParallelism } from 'node:os'
import { type Av, loadAv } from '@millrace/media/process'
import { AiError } from '../../ai-error.ts'
import { decodePicture } from '../../pictures/decode-picture.ts'
import { pngFile } from '../../pictures/encode-picture.ts'
import { imageSize } from '../../pictures/image-size.ts'
import { isOpaque, type Picture, resize } from '../../pictures/picture.ts'
import type { EmbeddedModel, ModelCard } from '../embedded-model.ts'
import { imageAnswer, imageOf } from '../image-jobs.ts'
import { openPictureSafety } from '../moderation/picture-safety.ts'
import { type OnnxSession, openOnnx } from '../onnx/onnx-runtime.ts'
import { convertLayersModel } from '../onnx/tfjs-model.ts'
import type { PackageSpec } from '../package-store.ts'
import { type Tile, tiles } from './tiles.ts'
import { ESRGAN_SLIM, RDN, rdnX2Card, slimX2Card, slimX4Card } from './upscale-cards.ts'

/** More do not make such small networks quicker. */
const MAX_THREADS = 4

type Network = {
  readonly card: ModelCard
  readonly from: PackageSpec
  readonly file: string
  readonly scale: number
  /** What the network takes for the brightest colour, and gives. */
  readonly white: number
  /** Pixels of a result; more is neither held in memory nor worth its time on a processor. */
  readonly maxResultPixels: number
  /** The side of a tile, which bounds the memory whatever the picture. */
  readonly tile: number
  /** Pixels of the neighbours around a tile: about as far as the network looks, so that no seam is seen. */
  readonly margin: number
}

const LARGE = 40_000_000

const NETWORKS: readonly Network[] = [
  // A megapixel of source takes it a minute and more.
  {
    card: rdnX2Card,
    from: RDN,
    file: 'models/psnr-small/model.json',
    scale: 2,
    white: 1,
    maxResultPixels: 4_200_000,
    tile: 192,
    margin: 16,
  },
  {
    card: slimX2Card,
    from: ESRGAN_SLIM,
    file: 'models/x2/model.json',
    scale: 2,
    white: 255,
    maxResultPixels: LARGE,
    tile: 192,
    margin: 12,
  },
  {
    card: slimX4Card,
    from: ESRGAN_SLIM,
    file: 'models/x4/model.json',
    scale: 4,
    white: 255,
    maxResultPixels: LARGE,
    tile: 96,
    margin: 12,
  },
]

export const models: readonly EmbeddedModel[] = NETWORKS.map((network) => ({
  card: network.card,
  async open({ folders }) {
    const { scale, from, file, maxResultPixels } = network
    const av = await loadAv()
    const threads = Math.min(MAX_THREADS, availableParallelism())
    const session = await openOnnx(await convertLayersModel(folders.get(from.name) ?? '', file), folders, { threads })
    const safety = await openPictureSafety(av, folders)
    return {
      async run(job, { signal }) {
        const bytes = imageOf(job)
        const { width, height } = imageSize(bytes)
        if (width * height * scale * scale > maxResultPixels)
          throw new AiError(
            'ai_too_large',
            `image: ${width}×${height} would be ${width * scale}×${height * scale}; this model gives ${maxResultPixels} pixels at most`,
          )
        const picture = decodePicture(av, bytes)
        // What is unsafe is so in any size.
        const unsafe = job.request.safety_check !== false && (await safety.check(picture)).unsafe
        const large = await enlarge(av, session, picture, network, signal)
        return imageAnswer(job, pngFile(av, 'image.png', large), unsafe)
      },
      async close() {
        await session.close()
        await safety.close()
      },
    }
  },
}))

async function enlarge(
  av: Av,
  session: OnnxSession,
  picture: Picture,
  { scale, white, tile: side, margin }: Network,
  signal: AbortSignal,
): Promise<Picture> {
  const width = picture.width * scale
  const height = picture.height * scale
  // What is see-through comes from the classic filter; the network knows colours only.
  const rgba = isOpaque(picture)
    ? new Uint8Array(width * height * 4).fill(255)
    : resize(av, picture, width, height, 'lanczos').rgba
  for (const tile of tiles(picture.width, picture.height, side, margin)) {
    signal.throwIfAborted()
    const { outer } = tile
    const { output } = await session.run({
      dims: [1, outer.height, outer.width, 3],
      data: pixelsOf(picture, tile, white / 255),
    })
    if (!output) throw new AiError('ai_runner_failed', 'the model gave no picture')
    put(output.data, tile, scale, 255 / white, rgba, width)
  }
  return { width, height, rgba }
}

/** The tile's colours as the network takes them. */
function pixelsOf({ width, rgba }: Picture, { outer }: Tile, factor: number): Float32Array {
  const out = new Float32Array(outer.width * outer.height * 3)
  let to = 0
  for (let y = outer.y; y < outer.y + outer.height; y++)
    for (let from = (y * width + outer.x) * 4, end = from + outer.width * 4; from < end; from += 4) {
      out[to++] = (rgba[from] as number) * factor
      out[to++] = (rgba[from + 1] as number) * factor
      out[to++] = (rgba[from + 2] as number) * factor
    }
  return out
}

/** Copies the kept part of a result, which has one plane for each colour. */
function put(
  planes: Float32Array,
  { inner, outer }: Tile,
  scale: number,
  factor: number,
  rgba: Uint8Array,
  width: number,
): void {
  const rowLength = outer.width * scale
  const plane = rowLength * outer.height * scale
  const left = (inner.x - outer.x) * scale
  const top = (inner.y - outer.y) * scale
  for (let y = 0; y < inner.height * scale; y++) {
    let from = (top + y) * rowLength + left
    let to = ((inner.y * scale + y) * width + inner.x * scale) * 4
    for (let x = 0; x < inner.width * scale; x++, from++, to += 4)
      for (let colour = 0; colour < 3; colour++)
        rgba[to + colour] = Math.min(255, Math.max(0, Math.round((planes[plane * colour + from] as number) * factor)))
  }
}
