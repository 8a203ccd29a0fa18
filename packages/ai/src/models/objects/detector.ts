import { AiError } from '../../ai-error.ts'
import { HUMAN_MODELS } from '../human-models.ts'
import { openOnnx } from '../onnx/onnx-runtime.ts'
import { convertGraphModel } from '../onnx/tfjs-model.ts'
import { COCO_LABELS } from './labels.ts'
import { type Detection, peaks } from './peaks.ts'

/** Pixels along a side of what the network takes. */
export const DETECTOR_SIDE = 512
const MAP_SIDE = 128
const MOST = 30

export type Detector = {
  /** Takes red, green and blue from 0 to 255 of a square of `DETECTOR_SIDE`; the most certain thing stands first. */
  detect(colours: Float32Array, threshold: number): Promise<readonly Detection[]>
  close(): Promise<void>
}

/** Opens CenterNet from the folders of its packages, in a child process. */
export async function openDetector(
  folders: ReadonlyMap<string, string>,
  options: { readonly threads?: number } = {},
): Promise<Detector> {
  const maps = { scores: 'tower_0/keypoints', distances: 'tower_0/wh' }
  const model = await convertGraphModel(folders.get(HUMAN_MODELS.name) ?? '', 'models/centernet.json', maps)
  const session = await openOnnx(model, folders, options)
  return {
    async detect(colours, threshold) {
      const { scores, distances } = await session.run({ dims: [1, DETECTOR_SIDE, DETECTOR_SIDE, 3], data: colours })
      if (!scores || !distances) throw new AiError('ai_runner_failed', 'the model gave no maps')
      const found = { side: MAP_SIDE, scores: scores.data, distances: distances.data, inputSide: DETECTOR_SIDE }
      return peaks(found, COCO_LABELS, threshold, MOST)
    },
    close: () => session.close(),
  }
}
