import { makeWav, pictureOf, sizeOfPicture } from './pictures.ts'
import { type Exchange, openStandIn, Refusal, type StandIn } from './stand-in.ts'
import { replyTo, streamWords, wordsOf } from './words.ts'

export type OpenAiStandInOptions = {
  /** What `/v1/models` lists. */
  readonly models: readonly string[]
  readonly token?: string
}

const MAX_SIDE = 4_096

/** A server with OpenAI's API, as llama.cpp, Ollama, vLLM and LocalAI have it. */
export function openOpenAiStandIn(options: OpenAiStandInOptions): Promise<StandIn> {
  const { models, token } = options
  const jobs: Readonly<Record<string, (exchange: Exchange) => void | Promise<void>>> = {
    '/v1/chat/completions': chat,
    '/v1/audio/transcriptions': transcribe,
    '/v1/audio/speech': speak,
    '/v1/images/generations': draw,
  }
  return openStandIn({
    failure: (code, message) => ({ error: { code, message, type: 'server_error' } }),
    isJob: (path) => jobs[path] !== undefined,
    health: ({ path, json, standIn }) => {
      if (path !== '/v1/models') return false
      if (standIn.health === 'LOADING') json({ error: { code: 503, message: 'Loading model' } }, 503)
      else if (standIn.health === 'ERROR') json({ error: { message: 'broken' } }, 500)
      else json({ object: 'list', data: models.map((id) => ({ id, object: 'model', created: 1, owned_by: 'me' })) })
      return true
    },
    job: async (exchange) => {
      const { path, method, headers, fields } = exchange
      const job = jobs[path]
      if (!job || method !== 'POST') throw refused(404, 'File Not Found')
      if (token !== undefined && headers.authorization !== `Bearer ${token}`) throw refused(401, 'Invalid API Key')
      if (!models.includes(String(fields.model))) throw refused(404, `model "${String(fields.model)}" not found`)
      await job(exchange)
    },
  })
}

const refused = (status: number, message: string) =>
  new Refusal(status, { error: { message, type: 'invalid_request_error' } })

async function chat({ fields, json, response, standIn }: Exchange): Promise<void> {
  const { messages, model, stream, max_tokens: most } = fields
  if (!Array.isArray(messages) || messages.length === 0) throw refused(400, "'messages' is required")
  for (const { role, content } of messages) {
    if (!['system', 'user', 'assistant', 'tool'].includes(role)) throw refused(400, `unknown role ${String(role)}`)
    if (typeof content !== 'string' && !Array.isArray(content)) throw refused(400, "'content' must be text or parts")
  }
  if (most !== undefined && !Number.isInteger(most)) throw refused(400, "'max_tokens' must be an integer")
  const images = messages
    .flatMap(({ content }) => (Array.isArray(content) ? content : []))
    .filter((part) => part.image_url)
  const seen = images.map(({ image_url: { url } }) => {
    const bytes = Buffer.from(String(url).replace(/^data:image\/\w+;base64,/, ''), 'base64')
    const size = sizeOfPicture(bytes)
    if (!size) throw refused(400, 'failed to decode image')
    return ` I see a picture of ${size.width} by ${size.height}.`
  })
  const reply = replyTo(messages) + seen.join('')
  const words = wordsOf(reply)
  const head = { id: 'chatcmpl-stand-in', model, created: 1_700_000_000 }
  const usage = { prompt_tokens: 9, completion_tokens: words.length, total_tokens: 9 + words.length }
  if (stream !== true) {
    const choices = [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: reply } }]
    return json({ ...head, object: 'chat.completion', usage, choices })
  }
  const asked = (fields.stream_options as { include_usage?: boolean } | undefined)?.include_usage
  await streamWords(
    response,
    standIn.behaviour,
    words,
    (word, last) => ({
      ...head,
      ...{ object: 'chat.completion.chunk' },
      choices: [{ index: 0, finish_reason: last ? 'stop' : null, delta: last ? {} : { content: word } }],
    }),
    asked ? [{ ...head, object: 'chat.completion.chunk', choices: [], usage }] : [],
  )
}

function transcribe({ fields, files, json }: Exchange): void {
  const { file } = files
  if (!file) throw refused(400, "'file' is required")
  if (Buffer.from(file.bytes.subarray(0, 4)).toString('latin1') !== 'RIFF')
    throw refused(400, 'Audio file might be corrupted')
  if (fields.response_format !== 'verbose_json') return json({ text: 'one two' })
  const all = { task: 'transcribe', language: 'english', duration: 2, text: ' one two' }
  if (fields['timestamp_granularities[]'] === 'word')
    return json({
      ...all,
      words: [
        { word: 'one', start: 0, end: 0.8 },
        { word: 'two', start: 1, end: 1.9 },
      ],
    })
  json({ ...all, segments: [{ id: 0, start: 0, end: 2, text: ' one two' }] })
}

function speak({ fields, response }: Exchange): void {
  if (typeof fields.input !== 'string' || fields.input === '') throw refused(400, "'input' is required")
  if (typeof fields.voice !== 'string') throw refused(400, "'voice' is required")
  const wav = fields.response_format === 'wav'
  response.writeHead(200, { 'content-type': wav ? 'audio/wav' : 'audio/mpeg' }).end(makeWav(0.5))
}

function draw({ fields, json }: Exchange): void {
  const [width = 0, height = 0] = String(fields.size).split('x').map(Number)
  const valid = width > 0 && height > 0 && width <= MAX_SIDE && height <= MAX_SIDE
  if (typeof fields.prompt !== 'string' || fields.prompt === '') throw refused(400, "'prompt' is required")
  if (!valid) throw refused(400, `size ${String(fields.size)} is not supported`)
  if (fields.response_format !== 'b64_json') throw refused(400, 'this stand-in gives pictures as b64_json only')
  const picture = (i: number) => pictureOf(String(fields.prompt), Number(fields.seed ?? 0) + i, width, height)
  const data = Array.from({ length: Number(fields.n ?? 1) }, (_, i) => ({
    b64_json: Buffer.from(picture(i)).toString('base64'),
  }))
  json({ created: 1_700_000_000, data })
}
