import { z } from 'zod'
import * as field from './fields.ts'
import type { Pipeline } from './pipeline.ts'

/** A larger picture. */
export const upscale: Pipeline = {
  name: 'upscale',
  capability: 30,
  title: 'Upscale',
  about: 'Makes a picture larger and sharper.',
  body: 'multipart',
  request: z.object({
    prompt: field.optionalText('What the picture shows; models that only sharpen do not use it.'),
    model_id: field.model(),
    safety_check: field.safetyCheck(),
    seed: field.seed(),
    num_inference_steps: field.steps(75),
  }),
  files: [{ name: 'image', about: 'The picture to make larger.', maxBytes: field.IMAGE_BYTES }],
  response: field.imageResponse,
  modelField: 'model_id',
  defaultModel: 'stabilityai/stable-diffusion-x4-upscaler',
  unit: 'pixel',
  units: (_, facts) => field.inputPixels(facts),
  streams: false,
}
