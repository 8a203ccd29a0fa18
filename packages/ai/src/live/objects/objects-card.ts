import { z } from 'zod'
import { HUMAN_MODELS, HUMAN_MODELS_BYTES } from '../../models/human-models.ts'
import { ONNX_RUNTIME, ONNX_RUNTIME_BYTES } from '../../models/onnx/onnx-packages.ts'
import type { LiveCard } from '../live-effect.ts'

export const liveObjectsCard: LiveCard = {
  id: 'millrace/live-objects',
  pipeline: 'live-video-to-video',
  title: 'Things in the picture',
  about:
    'Looks for people, animals and things of the 80 kinds of COCO in every picture, draws boxes around them, and tells each with its place and the time of its picture on the data channel.',
  licence: 'MIT (package and runtime); network by 610265158 (MobileNetV3 CenterNet)',
  downloadBytes: HUMAN_MODELS_BYTES + ONNX_RUNTIME_BYTES,
  score: 'its boxes belong to the picture that they are drawn on; how well it sees: `millrace/coco-objects`',
  packages: [HUMAN_MODELS, ...ONNX_RUNTIME],
  params: z.object({
    threshold: z.number().min(0.1).max(0.9).default(0.35).describe('How certain it must be of a thing.'),
    draw: z.boolean().default(true).describe('Whether boxes are drawn; the data channel has them in any case.'),
  }),
}
