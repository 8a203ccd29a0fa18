import { AiError, llm, type Pipeline, readRequest } from '@millrace/ai'

/** What older clients of language models send, `livepeer` 3.5.0 among them: a form with one prompt instead of a conversation. */
export const isOlderLlm = (pipeline: Pick<Pipeline, 'name'>, contentType: string | undefined): boolean =>
  pipeline.name === llm.name && /^application\/x-www-form-urlencoded\b/i.test(contentType ?? '')

/** The request of an older client as a conversation; throws `ai_bad_request`. An answer in chunks was not told of such clients, so none is given. */
export function readOlderLlm(body: Uint8Array): Readonly<Record<string, unknown>> {
  const form = new URLSearchParams(Buffer.from(body).toString('utf8'))
  const prompt = form.get('prompt')
  if (!prompt) throw new AiError('ai_bad_request', 'prompt: a text is expected', { meta: { field: 'prompt' } })
  const system = form.get('system_msg')
  const number = (name: string) => {
    const text = form.get(name)
    return text === null || text === '' ? undefined : Number(text)
  }
  return readRequest(
    llm,
    {
      messages: [
        ...(system ? [{ role: 'system', content: system }] : []),
        ...historyOf(form.get('history')),
        { role: 'user', content: prompt },
      ],
      model: form.get('model_id') ?? '',
      temperature: number('temperature'),
      max_tokens: number('max_tokens'),
    },
    '',
  )
}

/** The answer to a conversation as older clients read it. */
export function olderLlmAnswer(response: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { choices, usage } = response as {
    readonly choices: readonly { readonly message?: { readonly content?: string } | null }[]
    readonly usage: { readonly total_tokens: number }
  }
  return { response: choices[0]?.message?.content ?? '', tokens_used: usage.total_tokens }
}

/** Pairs of what was asked and answered before, as JSON. */
function historyOf(text: string | null): readonly { readonly role: string; readonly content: string }[] {
  if (!text) return []
  let pairs: unknown
  try {
    pairs = JSON.parse(text)
  } catch (cause) {
    throw new AiError('ai_bad_request', 'history: JSON is expected', { cause, meta: { field: 'history' } })
  }
  if (!Array.isArray(pairs)) throw new AiError('ai_bad_request', 'history: a list is expected')
  return pairs.flatMap((pair: unknown) => {
    const [asked, answered] = Array.isArray(pair) ? pair : []
    if (typeof asked !== 'string' || typeof answered !== 'string')
      throw new AiError('ai_bad_request', 'history: pairs of texts are expected')
    return [
      { role: 'user', content: asked },
      { role: 'assistant', content: answered },
    ]
  })
}
