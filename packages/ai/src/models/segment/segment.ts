import { loadAv } from '@millrace/media/process'
import { decodePicture } from '../../pictures/decode-picture.ts'
import { imageSize } from '../../pictures/image-size.ts'
import { onWhite, resize } from '../../pictures/picture.ts'
import type { EmbeddedModel } from '../embedded-model.ts'
import { imageOf } from '../image-jobs.ts'
import { fieldOf } from './field.ts'
import { checkMaskSize, logit, maskAnswer } from './mask-answer.ts'
import { type Hints, outlines } from './outline.ts'
import { type Prompts, readPrompts } from './prompts.ts'
import { walkerCard } from './segment-card.ts'

/** The longer side on which the outline is looked for. */
const SIDE = 256
/** Without a prompt what is meant stands in the middle: nine tenths of each side. */
const MIDDLE = 0.05

/** Finds outlines by colours and edges. */
export const models: readonly EmbeddedModel[] = [
  {
    card: walkerCard,
    async open() {
      const av = await loadAv()
      return {
        async run(job, { signal }) {
          const bytes = imageOf(job)
          const { width, height } = imageSize(bytes)
          checkMaskSize(job.request, width, height)
          const prompts = readPrompts(job.request, { width, height })
          const scale = Math.min(1, SIDE / Math.max(width, height))
          const small = {
            width: Math.max(1, Math.round(width * scale)),
            height: Math.max(1, Math.round(height * scale)),
          }
          const picture = resize(av, onWhite(decodePicture(av, bytes)), small.width, small.height, 'area')
          const found = outlines(fieldOf(picture), hintsOf(prompts, { width, height }, small), signal)
          const masks = found.map(({ chance, score }) => ({ ...small, logits: chance.map(logit), score }))
          return maskAnswer(job.request, { width, height }, masks)
        },
        async close() {},
      }
    },
  },
]

type Size = { readonly width: number; readonly height: number }

/** What a request points at, on the small picture. */
function hintsOf({ points, box, mask }: Prompts, size: Size, small: Size): Hints {
  const toX = small.width / size.width
  const toY = small.height / size.height
  const pixel = (x: number, y: number) =>
    Math.min(small.height - 1, Math.floor(y * toY)) * small.width + Math.min(small.width - 1, Math.floor(x * toX))
  const inside = points.filter(({ belongs }) => belongs).map(({ x, y }) => pixel(x, y))
  const outside = points.filter(({ belongs }) => !belongs).map(({ x, y }) => pixel(x, y))
  const middle = inside.length === 0 && !box && !mask
  const given = middle
    ? [size.width * MIDDLE, size.height * MIDDLE, size.width * (1 - MIDDLE), size.height * (1 - MIDDLE)]
    : box
  return {
    inside,
    outside,
    box: given && [given[0]! * toX, given[1]! * toY, given[2]! * toX, given[3]! * toY],
    before: mask && before(mask, small),
  }
}

/** Chances of an earlier answer's logits, in another size. */
function before({ side, data }: NonNullable<Prompts['mask']>, { width, height }: Size): Float32Array {
  const out = new Float32Array(width * height)
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at++) {
      const from = Math.floor(((y + 0.5) * side) / height) * side + Math.floor(((x + 0.5) * side) / width)
      out[at] = 1 / (1 + Math.exp(-(data[from] as number)))
    }
  return out
}
