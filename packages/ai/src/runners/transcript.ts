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
  const { segments = [], words, duration } = read.data
  const text = oneLine(read.data.text)
  if (timestamps === 'false') return { text, chunks: [] }
  const spoken = words ?? wholeWords(segments.flatMap((segment) => segment.words ?? []))
  if (timestamps === 'word' && spoken.length > 0)
    return { text, chunks: spoken.map((one) => chunkOf(one.start, one.end, one.word)) }
  const chunks = segments.map((segment) => chunkOf(segment.start, segment.end, segment.text))
  return { text, chunks: chunks.length > 0 || !text ? chunks : [chunkOf(0, duration ?? 0, text)] }
}

/** What whisper.cpp calls words are tokens, pieces of words; those that begin one have a space before them. */
function wholeWords(tokens: readonly z.infer<typeof word>[]): readonly z.infer<typeof word>[] {
  const whole: z.infer<typeof word>[] = []
  for (const token of tokens) {
    const last = whole.at(-1)
    if (last && !token.word.startsWith(' '))
      whole[whole.length - 1] = { ...last, word: last.word + token.word, end: token.end }
    else whole.push(token)
  }
  return whole
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

const chunkOf = (start: number, end: number, text: string): Chunk => ({ timestamp: [start, end], text: oneLine(text) })
