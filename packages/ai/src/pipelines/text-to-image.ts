import { z } from 'zod'
import * as field from './fields.ts'
import type { Pipeline } from './pipeline.ts'

const request = z.object({
  model_id: field.model(),
  loras: field.loras(),
  prompt: field.text('What the picture shows.'),
  height: field.side('Height in pixels.', 576),
  width: field.side('Width in pixels.', 1024),
  guidance_scale: field.guidanceScale(),
  negative_prompt: field.negativePrompt(),
  safety_check: field.safetyCheck(),
  seed: field.seed(),
  num_inference_steps: field.steps(50),
  num_images_per_prompt: field.images(),
})

/** A picture from words. */
export const textToImage: Pipeline = {
  name: 'text-to-image',
  capability: 27,
  title: 'Text to image',
  about: 'Makes pictures from words.',
  body: 'json',
  request,
  files: [],
  response: field.imageResponse,
  modelField: 'model_id',
  defaultModel: 'stabilityai/sdxl-turbo',
  unit: 'pixel',
  units: (of) => {
    const { height, width, num_images_per_prompt: count } = of as z.infer<typeof request>
    return BigInt(height) * BigInt(width) * BigInt(count)
  },
  streams: false,
}
