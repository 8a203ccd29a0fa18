import { z } from 'zod'
import * as field from './fields.ts'
import type { Pipeline } from './pipeline.ts'

/** What is said in a recording. */
export const audioToText: Pipeline = {
  name: 'audio-to-text',
  capability: 31,
  title: 'Audio to text',
  about: 'Writes down what is said in a recording.',
  body: 'multipart',
  request: z.object({
    model_id: field.model(),
    return_timestamps: z
      .enum(['true', 'false', 'sentence', 'word'])
      .default('true')
      .describe('Times of sentences (`true`), of words, or none.'),
    metadata: z.string().max(field.MAX_TEXT).default('{}').describe('More for the runner, as JSON.'),
  }),
  files: [{ name: 'audio', about: 'The recording.', maxBytes: field.AUDIO_BYTES }],
  response: z.object({
    text: z.string(),
    chunks: z.array(z.object({ timestamp: z.array(z.number()), text: z.string() })),
  }),
  modelField: 'model_id',
  defaultModel: 'openai/whisper-large-v3',
  unit: 'millisecond',
  units: (_, { audio }) => BigInt(Math.ceil(audio?.durationMs ?? 0)),
  streams: false,
}
