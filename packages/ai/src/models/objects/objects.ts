import { loadAv } from '@millrace/media/process'
import { AiError } from '../../ai-error.ts'
import { decodePicture } from '../../pictures/decode-picture.ts'
import { colours, onWhite, resize } from '../../pictures/picture.ts'
import type { EmbeddedModel } from '../embedded-model.ts'
import { HUMAN_MODELS } from '../human-models.ts'
import { imageOf } from '../image-jobs.ts'
import { openOnnx } from '../onnx/onnx-runtime.ts'
import { convertGraphModel } from '../onnx/tfjs-model.ts'
import { COCO_LABELS, caption } from './labels.ts'
import { objectsCard } from './objects-card.ts'
import { type Detection, peaks } from './peaks.ts'

const INPUT_SIDE = 512
const MAP_SIDE = 128
/** Below this the network guesses. */
const THRESHOLD = 0.3
const MOST = 30

/** Names what is in a picture. */
export const models: readonly EmbeddedModel[] = [
  {
    card: objectsCard,
    async open({ folders }) {
      const av = await loadAv()
      const maps = { scores: 'tower_0/keypoints', distances: 'tower_0/wh' }
      const model = await convertGraphModel(folders.get(HUMAN_MODELS.name) ?? '', 'models/centernet.json', maps)
      const session = await openOnnx(model, folders)
      return {
        async run(job) {
          const picture = onWhite(decodePicture(av, imageOf(job)))
          const input = resize(av, picture, INPUT_SIDE, INPUT_SIDE, 'bilinear')
          const { scores, distances } = await session.run({
            dims: [1, INPUT_SIDE, INPUT_SIDE, 3],
            data: colours(input, 1),
          })
          if (!scores || !distances) throw new AiError('ai_runner_failed', 'the model gave no maps')
          const found = peaks(
            { side: MAP_SIDE, scores: scores.data, distances: distances.data, inputSide: INPUT_SIDE },
            COCO_LABELS,
            THRESHOLD,
            MOST,
          )
          const asJson = /\bjson\b/i.test(String(job.request.prompt ?? ''))
          const text = asJson ? json(found, picture) : caption(found.map(({ label }) => label))
          return { response: { text }, files: [] }
        },
        close: () => session.close(),
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
