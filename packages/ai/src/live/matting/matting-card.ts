import { z } from 'zod'
import { HUMAN_MODELS, HUMAN_MODELS_BYTES } from '../../models/human-models.ts'
import { ONNX_RUNTIME, ONNX_RUNTIME_BYTES } from '../../models/onnx/onnx-packages.ts'
import type { LiveCard } from '../live-effect.ts'

export const mattingCard: LiveCard = {
  id: 'millrace/live-matting',
  pipeline: 'live-video-to-video',
  title: 'Person before another background',
  about:
    'Finds the person before the camera with MediaPipe’s selfie segmentation, and puts another background behind: blurred, of one colour, or without colour. For one person who is near; hair is only roughly followed.',
  licence: 'Apache-2.0 (weights, Google), MIT (package and runtime)',
  downloadBytes: HUMAN_MODELS_BYTES + ONNX_RUNTIME_BYTES,
  score:
    'intersection over union 0.96 with an outline drawn by hand, on one portrait; 24 pictures a second at 512x288 on two cores',
  packages: [HUMAN_MODELS, ...ONNX_RUNTIME],
  params: z.object({
    background: z
      .enum(['blur', 'colour', 'greyscale', 'mask', 'none'])
      .default('blur')
      .describe('What is behind the person; "mask" shows where the person is found, "none" changes nothing.'),
    colour: z
      .string()
      .regex(/^#[0-9a-fA-F]{6}$/)
      .default('#00b140')
      .describe('The colour of the background, as #rrggbb; green by default.'),
    blur: z.number().min(0).max(1).default(0.5).describe('How strong the blur is.'),
    steadiness: z
      .number()
      .min(0)
      .max(0.9)
      .default(0.4)
      .describe('How much of the outline is kept from the picture before; less flicker, but it trails behind.'),
  }),
}
