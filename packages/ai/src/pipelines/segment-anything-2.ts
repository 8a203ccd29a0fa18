import { z } from 'zod'
import * as field from './fields.ts'
import type { Pipeline } from './pipeline.ts'

/** The outline of what a point or a box shows. */
export const segmentAnything2: Pipeline = {
  name: 'segment-anything-2',
  capability: 32,
  title: 'Segment anything 2',
  about: 'Finds the outline of what a point or a box in a picture shows.',
  body: 'multipart',
  request: z.object({
    model_id: field.model(),
    point_coords: field.optionalText('Points in pixels, as JSON: [[120, 100]].'),
    point_labels: field.optionalText('For each point 1 (belongs to it) or 0 (does not), as JSON: [1].'),
    box: field.optionalText('A box in pixels, as JSON: [left, top, right, bottom].'),
    mask_input: z.string().max(4_000_000).default('').describe('A mask of an earlier answer, as JSON.'),
    multimask_output: field.flag('Whether to answer several masks.', true),
    return_logits: field.flag('Whether masks are scores rather than yes and no.', true),
    normalize_coords: field.flag('Whether points and box are in pixels of the picture.', true),
  }),
  files: [{ name: 'image', about: 'The picture to look at.', maxBytes: field.IMAGE_BYTES }],
  response: z.object({
    masks: z.string().describe('The masks, as JSON.'),
    scores: z.string().describe('How sure each is, as JSON.'),
    logits: z.string().describe('Scores of the masks at low resolution, as JSON.'),
  }),
  modelField: 'model_id',
  defaultModel: 'facebook/sam2-hiera-large',
  unit: 'pixel',
  units: (_, facts) => field.inputPixels(facts),
  streams: false,
}
