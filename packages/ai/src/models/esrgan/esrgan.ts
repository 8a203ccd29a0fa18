import { type Av, loadAv } from '@millrace/media/process'
import { AiError } from '../../ai-error.ts'
import { decodePicture } from '../../pictures/decode-picture.ts'
import { pngFile } from '../../pictures/encode-picture.ts'
import { imageSize } from '../../pictures/image-size.ts'
import { isOpaque, type Picture, resize } from '../../pictures/picture.ts'
import type { EmbeddedModel, ModelCard } from '../embedded-model.ts'
import { imageAnswer, imageOf } from '../image-jobs.ts'
import { type OnnxSession, openOnnx } from '../onnx/onnx-runtime.ts'
import { convertLayersModel } from '../onnx/tfjs-model.ts'
import { ESRGAN_SLIM, esrganX2Card, esrganX4Card } from './esrgan-cards.ts'
import { type Tile, tiles } from './tiles.ts'

/** Memory is bounded by the tile, whatever the picture: about 150 MB. */
const TILE = 192
/** As far as the network looks around a pixel; with so much of the neighbours no seam is left. */
const MARGIN = 12
/** Pixels of a result; more is neither held in memory nor worth its time on a processor. */
const MAX_RESULT_PIXELS = 40_000_000

const model = (card: ModelCard, scale: number): EmbeddedModel => ({
  card,
  async open({ folders }) {
    const av = await loadAv()
    const onnx = await convertLayersModel(folders.get(ESRGAN_SLIM.name) ?? '', `models/x${scale}/model.json`)
    const session = await openOnnx(onnx, folders)
    return {
      async run(job, { signal }) {
        const bytes = imageOf(job)
        const { width, height } = imageSize(bytes)
        if (width * height * scale * scale > MAX_RESULT_PIXELS)
          throw new AiError(
            'ai_too_large',
            `image: ${width}×${height} would be ${width * scale}×${height * scale}; a result has ${MAX_RESULT_PIXELS} pixels at most`,
          )
        const large = await enlarge(av, session, decodePicture(av, bytes), scale, signal)
        return imageAnswer(job, pngFile(av, 'image.png', large))
      },
      close: () => session.close(),
    }
  },
})

export const models: readonly EmbeddedModel[] = [model(esrganX2Card, 2), model(esrganX4Card, 4)]

async function enlarge(
  av: Av,
  session: OnnxSession,
  picture: Picture,
  scale: number,
  signal: AbortSignal,
): Promise<Picture> {
  const width = picture.width * scale
  const height = picture.height * scale
  // What is see-through comes from the classic filter; the network knows colours only.
  const rgba = isOpaque(picture)
    ? new Uint8Array(width * height * 4).fill(255)
    : resize(av, picture, width, height, 'lanczos').rgba
  for (const tile of tiles(picture.width, picture.height, TILE, MARGIN)) {
    signal.throwIfAborted()
    const { outer } = tile
    const { output } = await session.run({ dims: [1, outer.height, outer.width, 3], data: pixelsOf(picture, tile) })
    if (!output) throw new AiError('ai_runner_failed', 'the model gave no picture')
    put(output.data, tile, scale, rgba, width)
  }
  return { width, height, rgba }
}

/** The tile's colours, 0 to 255 as the network takes them. */
function pixelsOf({ width, rgba }: Picture, { outer }: Tile): Float32Array {
  const out = new Float32Array(outer.width * outer.height * 3)
  let to = 0
  for (let y = outer.y; y < outer.y + outer.height; y++)
    for (let from = (y * width + outer.x) * 4, end = from + outer.width * 4; from < end; from += 4) {
      out[to++] = rgba[from] as number
      out[to++] = rgba[from + 1] as number
      out[to++] = rgba[from + 2] as number
    }
  return out
}

/** Copies the kept part of a result, which has one plane for each colour. */
function put(planes: Float32Array, { inner, outer }: Tile, scale: number, rgba: Uint8Array, width: number): void {
  const rowLength = outer.width * scale
  const plane = rowLength * outer.height * scale
  const left = (inner.x - outer.x) * scale
  const top = (inner.y - outer.y) * scale
  for (let y = 0; y < inner.height * scale; y++) {
    let from = (top + y) * rowLength + left
    let to = ((inner.y * scale + y) * width + inner.x * scale) * 4
    for (let x = 0; x < inner.width * scale; x++, from++, to += 4)
      for (let colour = 0; colour < 3; colour++)
        rgba[to + colour] = Math.min(255, Math.max(0, Math.round(planes[plane * colour + from] as number)))
  }
}
