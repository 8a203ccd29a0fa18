import { makeWav, pictureOf, sizeOfPicture } from './pictures.ts'
import { type Exchange, openStandIn, Refusal, type StandIn } from './stand-in.ts'
import { replyTo, streamWords, wordsOf } from './words.ts'

export type AiRunnerStandInOptions = {
  readonly pipeline: string
  readonly modelId: string
  /** AUTH_TOKEN of the container. */
  readonly token?: string
  /** Pictures of a video. Default 8. */
  readonly frames?: number
}

type Check = (value: unknown) => boolean
type Field = { readonly check: Check; readonly required?: boolean }

const text: Check = (value) => typeof value === 'string'
const filled: Check = (value) => typeof value === 'string' && value !== ''
const number: Check = (value) =>
  typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value))
const flag: Check = (value) => typeof value === 'boolean' || value === 'true' || value === 'false'

const model = { model_id: { check: text } }
const drawn = {
  ...model,
  ...{ prompt: { check: filled, required: true }, safety_check: { check: flag }, seed: { check: number } },
  ...{ num_inference_steps: { check: number } },
}
const guided = {
  ...drawn,
  ...{ loras: { check: text }, guidance_scale: { check: number }, negative_prompt: { check: text } },
  ...{ num_images_per_prompt: { check: number } },
}
const sized = { width: { check: number }, height: { check: number } }
const points = ['point_coords', 'point_labels', 'box', 'mask_input']
const flags = ['multimask_output', 'return_logits', 'normalize_coords']

/** Fields of ai-runner's API 0.14.1; what is not listed is refused, because nobody would notice a name that is wrong. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  'text-to-image': { ...guided, ...sized },
  'image-to-image': { ...guided, strength: { check: number }, image_guidance_scale: { check: number } },
  'image-to-video': {
    ...{ ...model, ...sized, fps: { check: number }, motion_bucket_id: { check: number } },
    ...{ noise_aug_strength: { check: number }, safety_check: { check: flag }, seed: { check: number } },
    ...{ num_inference_steps: { check: number } },
  },
  upscale: drawn,
  'audio-to-text': { ...model, return_timestamps: { check: text }, metadata: { check: text } },
  'segment-anything-2': {
    ...model,
    ...Object.fromEntries(points.map((name) => [name, { check: text }])),
    ...Object.fromEntries(flags.map((name) => [name, { check: flag }])),
  },
  llm: {
    ...{ messages: { check: (value) => Array.isArray(value) && value.length > 0, required: true } },
    ...{ model: { check: text }, temperature: { check: number }, max_tokens: { check: number } },
    ...{ top_p: { check: number }, top_k: { check: number }, stream: { check: flag } },
  },
  'image-to-text': { ...model, prompt: { check: text } },
  'text-to-speech': { ...model, text: { check: filled, required: true }, description: { check: text } },
}

const FORMS = ['image-to-image', 'image-to-video', 'upscale', 'audio-to-text', 'segment-anything-2', 'image-to-text']

/** A container of ai-runner: one model of one pipeline, its API and its errors. */
export function openAiRunnerStandIn(options: AiRunnerStandInOptions): Promise<StandIn> {
  const { pipeline, modelId, token } = options
  const paths = [`/${pipeline}`, `/${pipeline}/`]
  return openStandIn({
    failure: (_, msg) => ({ detail: { msg } }),
    isJob: (path) => paths.includes(path),
    health: ({ path, json, standIn }) => {
      if (path === '/health') json({ status: standIn.health })
      return path === '/health'
    },
    job: async (exchange) => {
      const { path, method, json, headers } = exchange
      if (path === '/version') return json({ pipeline, model_id: modelId, version: '0.14.1' })
      if (path === '/hardware/info') return json({ pipeline, model_id: modelId, gpu_info: {} })
      if (!paths.includes(path)) return json({ detail: 'Not Found' }, 404)
      if (method !== 'POST') return json({ detail: 'Method Not Allowed' }, 405)
      if (token !== undefined && headers.authorization !== `Bearer ${token}`)
        return json({ detail: { msg: 'Invalid bearer token.' } }, 401)
      check(exchange, options)
      await answerJob(exchange, options)
    },
  })
}

function check({ fields, files, headers }: Exchange, { pipeline, modelId }: AiRunnerStandInOptions): void {
  const wanted = FORMS.includes(pipeline) ? 'multipart/form-data' : 'application/json'
  if (!headers['content-type']?.startsWith(wanted))
    throw new Refusal(422, { detail: [{ loc: ['body'], msg: `expected ${wanted}`, type: 'value_error' }] })
  const known = FIELDS[pipeline] ?? {}
  const wrong = (name: string, msg: string) =>
    new Refusal(422, { detail: [{ loc: ['body', name], msg, type: 'value_error' }] })
  for (const [name, { required }] of Object.entries(known))
    if (required && fields[name] === undefined) throw wrong(name, 'Field required')
  for (const [name, value] of Object.entries(fields)) {
    if (!known[name]) throw wrong(name, 'Extra inputs are not permitted')
    if (!known[name].check(value)) throw wrong(name, 'Input should be valid')
  }
  const file = pipeline === 'audio-to-text' ? 'audio' : 'image'
  if (wanted.startsWith('multipart') && !files[file]) throw wrong(file, 'Field required')
  if (files.image && !sizeOfPicture(files.image.bytes))
    throw new Refusal(400, { detail: { msg: 'cannot identify image file' } })
  const asked = fields.model_id ?? fields.model ?? ''
  if (asked !== '' && asked !== modelId)
    throw new Refusal(400, { detail: { msg: `pipeline configured with ${modelId} but called with ${String(asked)}` } })
}

async function answerJob(exchange: Exchange, { pipeline, modelId, frames = 8 }: AiRunnerStandInOptions): Promise<void> {
  const { fields, files, json } = exchange
  const prompt = String(fields.prompt ?? '')
  const seed = Number(fields.seed ?? 7)
  const media = (bytes: Uint8Array, of: number) => ({ url: dataUrl('image/png', bytes), seed: of, nsfw: false })
  const size = files.image && sizeOfPicture(files.image.bytes)
  const number = (name: string, standard: number) => Number(fields[name] ?? standard)
  const [width, height] = [number('width', 1024), number('height', 576)]
  const count = number('num_images_per_prompt', 1)
  const pictures = (w: number, h: number) =>
    json({ images: Array.from({ length: count }, (_, i) => media(pictureOf(prompt, seed + i, w, h), seed + i)) })
  if (pipeline === 'text-to-image') return pictures(width, height)
  if (pipeline === 'image-to-image') return pictures(size?.width ?? 0, size?.height ?? 0)
  if (pipeline === 'upscale') return pictures((size?.width ?? 0) * 4, (size?.height ?? 0) * 4)
  if (pipeline === 'image-to-video')
    return json({
      frames: [Array.from({ length: frames }, (_, i) => media(pictureOf('', seed + i, width, height), seed))],
    })
  if (pipeline === 'audio-to-text')
    return json({
      text: 'a tone',
      chunks: [
        { timestamp: [0, 1.5], text: 'a' },
        { timestamp: [1.5, null], text: 'tone' },
      ],
    })
  if (pipeline === 'segment-anything-2')
    return json({ masks: '[[[1, 0]]]', scores: '[0.9]', logits: '[[[4.5, -3.2]]]' })
  if (pipeline === 'image-to-text') return json({ text: `a picture of ${size?.width} by ${size?.height}` })
  if (pipeline === 'text-to-speech') return json({ audio: { url: dataUrl('audio/wav', makeWav(0.5)) } })
  await answerWords(exchange, modelId)
}

async function answerWords({ fields, json, response, standIn }: Exchange, model: string): Promise<void> {
  const reply = replyTo(fields.messages)
  const head = { id: 'chatcmpl-1', model, created: 1_700_000_000 }
  const words = wordsOf(reply)
  let tokens = 0
  const usage = () => ({ prompt_tokens: 5, completion_tokens: tokens, total_tokens: 5 + tokens })
  if (fields.stream !== true) {
    tokens = words.length
    const message = { role: 'assistant', content: reply }
    return json({ ...head, usage: usage(), choices: [{ index: 0, finish_reason: 'stop', message }] })
  }
  await streamWords(response, standIn.behaviour, words, (word, last) => {
    tokens++
    const delta = { role: 'assistant', content: word }
    return { ...head, usage: usage(), choices: [{ index: 0, finish_reason: last ? 'stop' : '', delta }] }
  })
}

const dataUrl = (type: string, bytes: Uint8Array): string =>
  `data:${type};base64,${Buffer.from(bytes).toString('base64')}`
