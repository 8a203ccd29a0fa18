import { z } from 'zod'
import * as field from './fields.ts'
import type { Pipeline } from './pipeline.ts'

const request = z.object({
  prompt: field.text('What the new picture shows.'),
  model_id: field.model(),
  loras: field.loras(),
  strength: z.number().min(0).max(1).default(0.8).describe('How far the result may be from the picture.'),
  guidance_scale: field.guidanceScale(),
  image_guidance_scale: field.scale('How closely the result follows the picture.', 1.5),
  negative_prompt: field.negativePrompt(),
  safety_check: field.safetyCheck(),
  seed: field.seed(),
  num_inference_steps: field.steps(100),
  num_images_per_prompt: field.images(),
})

/** A picture changed as words say. */
export const imageToImage: Pipeline = {
  name: 'image-to-image',
  capability: 28,
  title: 'Image to image',
  about: 'Changes a picture as words say.',
  body: 'multipart',
  request,
  files: [{ name: 'image', about: 'The picture to change.', maxBytes: field.IMAGE_BYTES }],
  response: field.imageResponse,
  modelField: 'model_id',
  defaultModel: 'stabilityai/sdxl-turbo',
  unit: 'pixel',
  units: (of, facts) => field.inputPixels(facts) * BigInt((of as z.infer<typeof request>).num_images_per_prompt),
  streams: false,
}
