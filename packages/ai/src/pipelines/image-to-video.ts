import { z } from 'zod'
import * as field from './fields.ts'
import type { Pipeline } from './pipeline.ts'

/** Pictures that one video is paid for, whatever its rate (go-livepeer's fixed figure). */
const PAID_FRAMES = 25n

const request = z.object({
  model_id: field.model(),
  height: field.side('Height in pixels.', 576),
  width: field.side('Width in pixels.', 1024),
  fps: z.number().int().min(1).max(60).default(6).describe('Pictures a second.'),
  motion_bucket_id: z.number().int().min(1).max(1_000).default(127).describe('How much moves: more is more.'),
  noise_aug_strength: field.scale('Noise that is put on the picture: more frees the result from it.', 0.02),
  safety_check: field.safetyCheck(),
  seed: field.seed(),
  num_inference_steps: field.steps(25),
})

/** A short video that begins with a picture. */
export const imageToVideo: Pipeline = {
  name: 'image-to-video',
  capability: 29,
  title: 'Image to video',
  about: 'Makes a short video that begins with a picture.',
  body: 'multipart',
  request,
  files: [{ name: 'image', about: 'The picture to begin with.', maxBytes: field.IMAGE_BYTES }],
  response: field.imageResponse,
  modelField: 'model_id',
  defaultModel: 'stabilityai/stable-video-diffusion-img2vid-xt',
  unit: 'pixel',
  units: (of) => {
    const { height, width } = of as z.infer<typeof request>
    return BigInt(height) * BigInt(width) * PAID_FRAMES
  },
  streams: false,
}
