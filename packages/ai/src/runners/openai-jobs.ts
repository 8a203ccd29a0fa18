import { z } from 'zod'
import { AiError } from '../ai-error.ts'
import type { AiFile } from '../files.ts'
import { dataUrl } from '../http/result-files.ts'
import type { Pipeline } from '../pipelines/pipeline.ts'
import { checkResponse } from '../pipelines/read-request.ts'
import { fileName } from './data-url.ts'
import { formBody, jsonBody } from './form-body.ts'
import { givenImageType, madeImageType } from './image-type.ts'
import { llmAnswer, llmStream, wholeAsChunk } from './llm-answer.ts'
import type { AiJob, AiResult, RunContext } from './runner.ts'
import type { ServerAnswer, ServerBody } from './server-client.ts'
import { transcript } from './transcript.ts'

export type OpenAiCall = {
  readonly job: AiJob
  readonly pipeline: Pipeline
  readonly modelId: string
  readonly serverModel: string
  readonly voice: string
  /** What errors call the server. */
  readonly what: string
  readonly onChunk: RunContext['onChunk']
  readonly ask: (path: string, body: ServerBody) => Promise<ServerAnswer>
}

/** How a pipeline's job is asked of an OpenAI-compatible server. */
export type OpenAiJob = (call: OpenAiCall) => Promise<AiResult>

const CHAT = '/v1/chat/completions'
const MAX_CAPTION_TOKENS = 512

/** By pipeline. */
export const OPENAI_JOBS: Readonly<Record<string, OpenAiJob>> = {
  llm: async ({ job, modelId, serverModel, onChunk, ask }) => {
    const { messages, temperature, max_tokens, top_p, top_k } = job.request
    const stream = onChunk !== undefined && job.request.stream === true
    const answer = await ask(
      CHAT,
      jsonBody({
        ...{ model: serverModel, messages, temperature, max_tokens, top_p, stream },
        // Not OpenAI's own, but of all servers that people run themselves.
        ...(Number(top_k) > 0 && { top_k }),
        ...(stream && { stream_options: { include_usage: true } }),
      }),
    )
    if (stream && answer.type === 'text/event-stream') {
      const named = (chunk: Readonly<Record<string, unknown>>) => onChunk({ ...chunk, model: modelId })
      const response = await llmStream(answer.body, modelId, named)
      return { response: { ...response, model: modelId }, files: [] }
    }
    const response = { ...llmAnswer(await answer.json(), modelId), model: modelId }
    if (stream) onChunk(wholeAsChunk(response))
    return { response, files: [] }
  },

  'image-to-text': async ({ job, pipeline, modelId, serverModel, what, ask }) => {
    const image = fileOf(job, 'image', what)
    const type = givenImageType(image.bytes)
    const content = [
      { type: 'text', text: String(job.request.prompt || 'Describe this picture in one sentence.') },
      { type: 'image_url', image_url: { url: dataUrl({ ...image, type }) } },
    ]
    const messages = [{ role: 'user', content }]
    const answer = await ask(
      CHAT,
      jsonBody({ model: serverModel, messages, max_tokens: MAX_CAPTION_TOKENS, stream: false }),
    )
    const { choices } = llmAnswer(await answer.json(), modelId) as { choices: { message: { content: string } }[] }
    return { response: checkResponse(pipeline, { text: choices[0]?.message.content.trim() }), files: [] }
  },

  'audio-to-text': async ({ job, pipeline, serverModel, what, ask }) => {
    const wanted = job.request.return_timestamps === 'word' ? 'word' : 'segment'
    const fields = { model: serverModel, response_format: 'verbose_json', 'timestamp_granularities[]': wanted }
    const answer = await ask('/v1/audio/transcriptions', formBody(fields, { file: fileOf(job, 'audio', what) }))
    const response = transcript(await answer.json(), String(job.request.return_timestamps), what)
    return { response: checkResponse(pipeline, response), files: [] }
  },

  'text-to-speech': async ({ job, pipeline, serverModel, voice, what, ask }) => {
    const body = { model: serverModel, input: job.request.text, voice, response_format: 'wav' }
    const answer = await ask('/v1/audio/speech', jsonBody(body))
    const bytes = await answer.bytes()
    // Some servers answer JSON, or another format than the one they were asked for.
    const wav = bytes.subarray(0, 4).toString('latin1') === 'RIFF'
    if (!wav && !answer.type.startsWith('audio/'))
      throw new AiError('ai_runner_failed', `${what} answered no sound, but ${answer.type || 'something unnamed'}`)
    const type = wav ? 'audio/wav' : answer.type
    const name = fileName('audio', type)
    return { response: checkResponse(pipeline, { audio: { url: name } }), files: [{ name, type, bytes }] }
  },

  'text-to-image': async ({ job, pipeline, serverModel, what, ask }) => {
    const { prompt, width, height, num_images_per_prompt: n } = job.request
    const { seed } = job.request
    // Not every server knows seeds, and none tells which it took.
    const body = { ...{ model: serverModel, prompt, n, size: `${width}x${height}`, response_format: 'b64_json' }, seed }
    const answer = await ask('/v1/images/generations', jsonBody(body))
    const read = generated.safeParse(await answer.json())
    if (!read.success) throw new AiError('ai_runner_failed', `${what} answered no pictures as b64_json`)
    const files = read.data.data.map(({ b64_json }, i): AiFile => {
      const bytes = Buffer.from(b64_json, 'base64')
      const type = madeImageType(bytes, what)
      return { name: fileName(`image-${i}`, type), type, bytes }
    })
    const images = files.map(({ name }) => ({ url: name, seed: seed ?? 0, nsfw: false }))
    return { response: checkResponse(pipeline, { images }), files }
  },
}

const generated = z.object({ data: z.array(z.object({ b64_json: z.string().min(1) })).min(1) })

function fileOf(job: AiJob, name: string, what: string): AiFile {
  const file = job.files[name]
  if (!file) throw new AiError('ai_bad_request', `${name}: ${what} needs this file`)
  return file
}
