import { z } from 'zod'
import { AiError } from '../ai-error.ts'
import { llm } from '../pipelines/llm.ts'
import { checkResponse } from '../pipelines/read-request.ts'
import { serverEvents } from './server-events.ts'

type Response = Readonly<Record<string, unknown>>

const count = z.number().int().min(0).catch(0)
const usage = z.object({ prompt_tokens: count, completion_tokens: count, total_tokens: count })
const said = z.object({ role: z.string().nullish(), content: z.string().nullish() })

/** What servers of language models answer, whole or in chunks; some leave out what the network wants. */
const answer = z.object({
  id: z.string().catch(''),
  model: z.string().catch(''),
  created: z.number().catch(0),
  usage: usage.nullish().catch(undefined),
  choices: z
    .array(
      z.object({
        index: z.number().int().catch(0),
        finish_reason: z.string().nullish(),
        message: said.nullish(),
        delta: said.nullish(),
      }),
    )
    .catch([]),
  error: z.unknown().optional(),
})

type Answer = z.infer<typeof answer>

/** Texts are cut off here, so that a server that never ends does not fill the memory. */
const MAX_CHARACTERS = 2_000_000
const DONE = '[DONE]'

/** A whole answer in the network's shape; throws `ai_runner_failed`. */
export function llmAnswer(value: unknown, model: string): Response {
  const read = answerOf(value)
  const choices = read.choices.map(({ index, finish_reason, message, delta }) => ({
    index,
    finish_reason: finish_reason || 'stop',
    message: { role: message?.role ?? delta?.role ?? 'assistant', content: message?.content ?? delta?.content ?? '' },
  }))
  if (choices.length === 0) throw new AiError('ai_runner_failed', 'the language model answered nothing')
  return checkResponse(llm, { ...headOf(read, model), usage: read.usage ?? noUsage(0), choices })
}

/** An answer as a whole in the place of the chunks that were asked for: one chunk that ends at once. */
export function wholeAsChunk(answer: Response): Response {
  const choices = answer.choices as readonly Response[]
  return { ...answer, choices: choices.map(({ message, ...choice }) => ({ ...choice, delta: message })) }
}

/**
 * Hands on the chunks of an event stream in the network's shape and gives the answer as a whole.
 * The chunk that ends it waits for the figures that some servers send after it; throws `ai_runner_failed` when the stream breaks off.
 */
export async function llmStream(
  body: AsyncIterable<Uint8Array>,
  model: string,
  onChunk: (chunk: Response) => void,
): Promise<Response> {
  const state = { text: '', chunks: 0, head: undefined as ReturnType<typeof headOf> | undefined }
  let last: { readonly chunk: Answer; readonly reason: string } | undefined
  let figures: Answer['usage']
  for await (const data of serverEvents(body)) {
    if (data.trim() === DONE) break
    const chunk = answerOf(parsed(data))
    state.head ??= headOf(chunk, model)
    figures = countsOf(chunk) ?? figures
    const [choice] = chunk.choices
    if (!choice || last) continue
    const content = choice.delta?.content ?? choice.message?.content ?? ''
    state.text += content
    if (state.text.length > MAX_CHARACTERS)
      throw new AiError('ai_runner_failed', `the language model answered more than ${MAX_CHARACTERS} characters`)
    if (content) state.chunks++
    if (choice.finish_reason) last = { chunk, reason: choice.finish_reason }
    // Servers that think first send chunks without words.
    else if (content)
      onChunk(chunkOf(state.head, content, choice.delta?.role, null, countsOf(chunk) ?? noUsage(state.chunks)))
  }
  if (!last) throw new AiError('ai_runner_failed', 'the language model broke off its answer', { retryable: true })
  const head = state.head ?? headOf(last.chunk, model)
  const usage = figures ?? noUsage(state.chunks)
  const [ending] = last.chunk.choices
  onChunk(chunkOf(head, ending?.delta?.content ?? '', ending?.delta?.role, last.reason, usage))
  const message = { role: 'assistant', content: state.text }
  return checkResponse(llm, { ...head, usage, choices: [{ index: 0, finish_reason: last.reason, message }] })
}

function chunkOf(
  head: ReturnType<typeof headOf>,
  content: string,
  role: string | null | undefined,
  reason: string | null,
  usage: NonNullable<Answer['usage']>,
): Response {
  return {
    ...head,
    usage,
    choices: [{ index: 0, finish_reason: reason, delta: { role: role ?? 'assistant', content } }],
  }
}

const headOf = ({ id, model, created }: Answer, standard: string) => ({
  id: id || `chatcmpl-${Date.now()}`,
  model: model || standard,
  created: Math.floor(created) || Math.floor(Date.now() / 1_000),
})

/** Some servers send figures with every chunk, some with the last, and some send nothing but zeros. */
const countsOf = ({ usage: counted }: Answer) => (counted?.total_tokens ? counted : undefined)

/** Servers that count nothing: a chunk is about a token. */
const noUsage = (tokens: number) => ({ prompt_tokens: 0, completion_tokens: tokens, total_tokens: tokens })

function answerOf(value: unknown): Answer {
  const read = answer.safeParse(value)
  if (!read.success) throw new AiError('ai_runner_failed', 'the language model answered something that is no answer')
  if (read.data.error) {
    const { message } = read.data.error as { message?: unknown }
    const text = typeof message === 'string' ? message : 'no reason given'
    throw new AiError('ai_runner_failed', `the language model failed: ${text.slice(0, 500)}`, { retryable: true })
  }
  return read.data
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch (cause) {
    throw new AiError('ai_runner_failed', 'the language model sent a chunk that is no JSON', { cause })
  }
}
