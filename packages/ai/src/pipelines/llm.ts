import { z } from 'zod'
import * as field from './fields.ts'
import type { Pipeline } from './pipeline.ts'

const message = z.object({
  role: z.string().max(64),
  content: z.string().max(200_000),
})

const request = z.object({
  messages: z.array(message).min(1).max(500).describe('The conversation so far.'),
  model: field.model(),
  temperature: z.number().min(0).max(2).default(0.7).describe('How much chance there is in the answer.'),
  max_tokens: z.number().int().min(1).max(32_768).default(256).describe('The longest answer.'),
  top_p: z.number().min(0).max(1).default(1).describe('How much of the likely words to choose from.'),
  top_k: z.number().int().min(-1).max(1_000).default(-1).describe('How many likely words to choose from; -1 is all.'),
  stream: field.flag('Whether the answer comes word by word.', false),
})

const choice = z.object({
  index: z.number().int(),
  finish_reason: z.string().nullable().default(null),
  message: message.nullish(),
  delta: message.partial().nullish(),
})

/** An answer to a conversation. */
export const llm: Pipeline = {
  name: 'llm',
  capability: 33,
  title: 'Language model',
  about: 'Answers a conversation.',
  body: 'json',
  request,
  files: [],
  response: z.object({
    id: z.string(),
    model: z.string(),
    created: z.number().int(),
    usage: z.object({
      prompt_tokens: z.number().int(),
      completion_tokens: z.number().int(),
      total_tokens: z.number().int(),
    }),
    choices: z.array(choice),
  }),
  modelField: 'model',
  defaultModel: 'meta-llama/llama-3.1-8B-Instruct',
  unit: 'token',
  units: (of) => BigInt((of as z.infer<typeof request>).max_tokens),
  streams: true,
}
