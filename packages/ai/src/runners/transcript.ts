import { z } from 'zod'
import { AiError } from '../ai-error.ts'

const time = z.number().min(0).catch(0)
const word = z.object({ word: z.string(), start: time, end: time })
const answer = z.object({
  text: z.string(),
  segments: z.array(z.object({ start: time, end: time, text: z.string(), words: z.array(word).optional() })).optional(),
  words: z.array(word).optional(),
  duration: z.coerce.number().optional().catch(undefined),
})

type Chunk = { readonly timestamp: readonly number[]; readonly text: string }

/** What `verbose_json` of OpenAI's and whisper.cpp's servers says, in the network's shape; times are in seconds. */
export function transcript(
  value: unknown,
  timestamps: string,
  what: string,
): { readonly text: string; readonly chunks: readonly Chunk[] } {
  const read = answer.safeParse(value)
  if (!read.success) throw new AiError('ai_runner_failed', `${what} answered no transcript`)
  const { text, segments = [], words, duration } = read.data
  if (timestamps === 'false') return { text: text.trim(), chunks: [] }
  const spoken = words ?? segments.flatMap((segment) => segment.words ?? [])
  if (timestamps === 'word' && spoken.length > 0)
    return { text: text.trim(), chunks: spoken.map((one) => chunkOf(one.start, one.end, one.word)) }
  const chunks = segments.map((segment) => chunkOf(segment.start, segment.end, segment.text))
  return { text: text.trim(), chunks: chunks.length > 0 || !text.trim() ? chunks : [chunkOf(0, duration ?? 0, text)] }
}

const chunkOf = (start: number, end: number, text: string): Chunk => ({ timestamp: [start, end], text: text.trim() })
