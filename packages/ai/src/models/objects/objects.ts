import { loadAv } from '@millrace/media/process'
import { decodePicture } from '../../pictures/decode-picture.ts'
import { colours, onWhite, resize } from '../../pictures/picture.ts'
import type { EmbeddedModel } from '../embedded-model.ts'
import { imageOf } from '../image-jobs.ts'
import { DETECTOR_SIDE, openDetector } from './detector.ts'
import { caption } from './labels.ts'
import { objectsCard } from './objects-card.ts'
import type { Detection } from './peaks.ts'

/** Below this the network guesses. */
const THRESHOLD = 0.3

/** Names what is in a picture. */
export const models: readonly EmbeddedModel[] = [
  {
    card: objectsCard,
    async open({ folders }) {
      const av = await loadAv()
      const detector = await openDetector(folders)
      return {
        async run(job) {
          const picture = onWhite(decodePicture(av, imageOf(job)))
          const input = resize(av, picture, DETECTOR_SIDE, DETECTOR_SIDE, 'bilinear')
          const found = await detector.detect(colours(input, 1), THRESHOLD)
          const asJson = /\bjson\b/i.test(String(job.request.prompt ?? ''))
          const text = asJson ? json(found, picture) : caption(found.map(({ label }) => label))
          return { response: { text }, files: [] }
        },
        close: () => detector.close(),
      }
    },
  },
]

/** Boxes in pixels of the picture. */
function json(
  found: readonly Detection[],
  { width, height }: { readonly width: number; readonly height: number },
): string {
  const objects = found.map(({ label, score, box }) => ({
    label,
    score: Math.round(score * 1_000) / 1_000,
    box: box.map((edge, at) => Math.round(edge * (at % 2 === 0 ? width : height))),
  }))
  return JSON.stringify({ width, height, objects })
}
