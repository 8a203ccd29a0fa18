import { z } from 'zod'
import * as field from './fields.ts'
import type { Pipeline } from './pipeline.ts'

/** What upstream's runner takes at most. */
const MAX_CHARACTERS = 600

const request = z.object({
  model_id: field.model(),
  text: z.string().min(1).max(MAX_CHARACTERS).describe('What is said.'),
  description: field.optionalText(
    'How it is said.',
    'A male speaker delivers a slightly expressive and animated speech with a moderate speed and pitch.',
  ),
})

/** A voice that reads words. */
export const textToSpeech: Pipeline = {
  name: 'text-to-speech',
  capability: 36,
  title: 'Text to speech',
  about: 'Reads words aloud.',
  body: 'json',
  request,
  files: [],
  response: z.object({ audio: z.object({ url: z.string() }) }),
  modelField: 'model_id',
  defaultModel: 'parler-tts/parler-tts-large-v1',
  unit: 'character',
  units: (of) => BigInt([...(of as z.infer<typeof request>).text].length),
  streams: false,
}
