import { z } from 'zod'
import * as field from './fields.ts'
import type { Pipeline } from './pipeline.ts'

/** Words about a picture, or in it. */
export const imageToText: Pipeline = {
  name: 'image-to-text',
  capability: 34,
  title: 'Image to text',
  about: 'Says what a picture shows, or what is written in it.',
  body: 'multipart',
  request: z.object({
    prompt: field.optionalText('What to say about the picture.'),
    model_id: field.model(),
  }),
  files: [{ name: 'image', about: 'The picture.', maxBytes: field.IMAGE_BYTES }],
  response: z.object({ text: z.string() }),
  modelField: 'model_id',
  defaultModel: 'Salesforce/blip-image-captioning-large',
  unit: 'pixel',
  units: (_, facts) => field.inputPixels(facts),
  streams: false,
}
