import { loadAv } from '@millrace/media/process'
import { decodePicture } from '../../pictures/decode-picture.ts'
import { imageSize } from '../../pictures/image-size.ts'
import { colours, onWhite, resize } from '../../pictures/picture.ts'
import type { EmbeddedModel } from '../embedded-model.ts'
import { imageOf } from '../image-jobs.ts'
import { components } from '../segment/components.ts'
import { checkMaskSize, logit, maskAnswer } from '../segment/mask-answer.ts'
import { type Prompts, readPrompts } from '../segment/prompts.ts'
import { selfieCard } from './matting-card.ts'
import { MATTE_SIDE, openPersonMatte } from './person-matte.ts'

/** Tells people from what is behind them. */
export const models: readonly EmbeddedModel[] = [
  {
    card: selfieCard,
    async open({ folders }) {
      const av = await loadAv()
      const matte = await openPersonMatte(folders)
      return {
        async run({ request, files, ...job }) {
          const bytes = imageOf({ request, files, ...job })
          const size = imageSize(bytes)
          // There is one answer, whatever is asked for: the network knows no parts of people.
          const single = { ...request, multimask_output: false }
          checkMaskSize(single, size.width, size.height)
          const prompts = readPrompts(request, size)
          const picture = resize(av, onWhite(decodePicture(av, bytes)), MATTE_SIDE, MATTE_SIDE, 'area')
          const chance = Float32Array.from(await matte.run(colours(picture, 1 / 255)))
          keepMeant(chance, prompts, size)
          const logits = chance.map(logit)
          return maskAnswer(single, size, [{ width: MATTE_SIDE, height: MATTE_SIDE, logits, score: sureness(chance) }])
        },
        close: () => matte.close(),
      }
    },
  },
]

/** Leaves the people that points or a box show; without either, all. */
function keepMeant(
  chance: Float32Array,
  { points, box }: Prompts,
  { width, height }: { readonly width: number; readonly height: number },
): void {
  const pixel = (x: number, y: number) =>
    Math.min(MATTE_SIDE - 1, Math.floor((y * MATTE_SIDE) / height)) * MATTE_SIDE +
    Math.min(MATTE_SIDE - 1, Math.floor((x * MATTE_SIDE) / width))
  if (box) {
    const [left, top, right, bottom] = box
    for (let at = 0; at < chance.length; at++) {
      const x = (((at % MATTE_SIDE) + 0.5) * width) / MATTE_SIDE
      const y = ((Math.floor(at / MATTE_SIDE) + 0.5) * height) / MATTE_SIDE
      if (x < left || x > right || y < top || y > bottom) chance[at] = 0
    }
  }
  const inside = points.filter(({ belongs }) => belongs).map(({ x, y }) => pixel(x, y))
  const outside = points.filter(({ belongs }) => !belongs).map(({ x, y }) => pixel(x, y))
  if (points.length === 0) return
  for (const piece of components((at) => (chance[at] as number) > 0.5, MATTE_SIDE, MATTE_SIDE)) {
    const meant = inside.length === 0 || inside.some((at) => piece.includes(at))
    if (!meant || outside.some((at) => piece.includes(at))) for (const at of piece) chance[at] = 0
  }
}

/** How far from a half the network is where it sees somebody; 0 where it sees nobody. */
function sureness(chance: Float32Array): number {
  const seen = chance.filter((each) => each > 0.5)
  return seen.length === 0 ? 0 : seen.reduce((sum, each) => sum + each, 0) / seen.length
}
