import { randomInt, randomUUID } from 'node:crypto'
import { type Clock, errorText, systemClock } from '@millrace/base'
import { AiError } from '../ai-error.ts'
import type { AiFile } from '../files.ts'
import type { Pipeline } from '../pipelines/pipeline.ts'
import { checkResponse } from '../pipelines/read-request.ts'
import { requirePipeline } from '../pipelines/registry.ts'
import { ComfyUiClient } from './comfyui-client.ts'
import { fillWorkflow, PLACEHOLDERS, readWorkflow, type Workflow } from './comfyui-workflow.ts'
import { fileName } from './data-url.ts'
import { givenImageType, madeImageType } from './image-type.ts'
import { HEALTH_TIMEOUT_MS, JOB_TIMEOUT_MS, MAX_ANSWER_BYTES, MAX_STATUS_BYTES, withinJob } from './job-limits.ts'
import type { AiJob, AiResult, RunContext, Runner, RunnerState } from './runner.ts'
import { ServerClient } from './server-client.ts'
import { noAdapter } from './server-failure.ts'
import { untilUp } from './until-up.ts'
import { videoOfFrames } from './video-frames.ts'

export type ComfyUiOptions = {
  readonly pipeline: string
  readonly modelId: string
  readonly url: string
  readonly token?: string | undefined
  /** A workflow in the API's format with `{{prompt}}`, `{{image}}`, `{{seed}}`, … where the job's values belong. */
  readonly workflow: unknown
  readonly capacity?: number | undefined
  readonly timeoutMs?: number | undefined
  readonly maxAnswerBytes?: number | undefined
  readonly loadTimeoutMs?: number | undefined
}

/** What the workflow of a pipeline must have a place for. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  'text-to-image': ['prompt'],
  'image-to-image': ['prompt', 'image'],
  'image-to-video': ['image'],
  upscale: ['image'],
}

/** A ComfyUI server that runs the operator's workflow. Throws `ai_models_invalid` at a pipeline, an address or a workflow that it cannot serve. */
export class ComfyUiRunner implements Runner {
  readonly kind = 'comfyui'
  readonly pipeline: string
  readonly modelId: string
  readonly version = ''
  readonly capacity: number
  readonly #options: ComfyUiOptions
  readonly #of: Pipeline
  readonly #workflow: Workflow
  readonly #client: ServerClient
  readonly #comfy: ComfyUiClient
  readonly #clock: Clock
  readonly #what: string

  constructor(options: ComfyUiOptions, deps: { readonly clock?: Clock } = {}) {
    const needs = NEEDS[options.pipeline]
    if (!needs) throw noAdapter('comfyui', options.pipeline, Object.keys(NEEDS))
    this.#options = options
    this.#of = requirePipeline(options.pipeline)
    this.#workflow = readWorkflow(options.workflow, needs)
    this.pipeline = options.pipeline
    this.modelId = options.modelId
    this.capacity = options.capacity ?? 1
    this.#what = `the server of ${this.pipeline} (${this.modelId})`
    this.#client = new ServerClient({ url: options.url, token: options.token, what: this.#what })
    this.#comfy = new ComfyUiClient(this.#client, this.#what, randomUUID())
    this.#clock = deps.clock ?? systemClock
  }

  async load({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    await untilUp(() => this.health(), {
      ...{ what: this.#what, signal, clock: this.#clock },
      timeoutMs: this.#options.loadTimeoutMs ?? 120_000,
    })
  }

  async health(): Promise<RunnerState> {
    const limit = { signal: new AbortController().signal, timeoutMs: HEALTH_TIMEOUT_MS, what: this.#what }
    return withinJob(limit, async (signal) => {
      const answer = await this.#client.get('/system_stats', { signal, maxBytes: MAX_STATUS_BYTES })
      await answer.bytes()
      return answer.status === 200 ? 'OK' : answer.status === 503 ? 'LOADING' : 'ERROR'
    })
  }

  async run(job: AiJob, context: RunContext): Promise<AiResult> {
    const { timeoutMs = JOB_TIMEOUT_MS } = this.#options
    return withinJob({ signal: context.signal, timeoutMs, what: this.#what }, async (signal) => {
      const image = await this.#image(job, signal)
      const first = Number(job.request.seed ?? randomInt(2 ** 32))
      const count = Number(job.request.num_images_per_prompt ?? 1)
      const files: AiFile[] = []
      const images: unknown[] = []
      for (let i = 0; i < count; i++) {
        const seed = (first + i) % 2 ** 32
        for (const made of await this.#once(job, image, seed, signal)) {
          const name = fileName(`${this.#of.name === 'image-to-video' ? 'video' : 'image'}-${files.length}`, made.type)
          files.push({ ...made, name })
          images.push({ url: name, seed, nsfw: false })
        }
      }
      return { response: checkResponse(this.#of, { images }), files }
    })
  }

  async unload(): Promise<void> {
    // It is not ours to stop.
  }

  async #image(job: AiJob, signal: AbortSignal): Promise<string> {
    const file = job.files.image
    if (!file) return ''
    const type = givenImageType(file.bytes)
    return this.#comfy.upload({ ...file, type }, `millrace-${randomUUID()}`, signal)
  }

  async #once(job: AiJob, image: string, seed: number, signal: AbortSignal): Promise<Omit<AiFile, 'name'>[]> {
    const values: Record<string, string | number> = { image, seed }
    for (const name of PLACEHOLDERS) {
      const value = job.request[name]
      if (name !== 'seed' && (typeof value === 'string' || typeof value === 'number')) values[name] = value
    }
    const written = await this.#comfy.run(fillWorkflow(this.#workflow, values), signal)
    let maxBytes = this.#options.maxAnswerBytes ?? MAX_ANSWER_BYTES
    const files: Omit<AiFile, 'name'>[] = []
    for (const file of written) {
      const bytes = await this.#comfy.view(file, { signal, maxBytes })
      maxBytes -= bytes.length
      files.push({ type: isMp4(bytes) ? 'video/mp4' : madeImageType(bytes, this.#what), bytes })
    }
    return this.#of.name === 'image-to-video' ? this.#film(files, job, signal) : this.#pictures(files)
  }

  #pictures(files: Omit<AiFile, 'name'>[]): Omit<AiFile, 'name'>[] {
    const pictures = files.filter(({ type }) => type.startsWith('image/'))
    if (pictures.length === 0) throw this.#empty('no picture: end it with a SaveImage node')
    return pictures
  }

  /** A workflow may write a file, or its pictures one by one. */
  async #film(files: Omit<AiFile, 'name'>[], job: AiJob, signal: AbortSignal): Promise<Omit<AiFile, 'name'>[]> {
    const films = files.filter(({ type }) => type === 'video/mp4')
    if (films.length > 0) return films
    if (files.length < 2) throw this.#empty('no MP4 file and no pictures of a video')
    const pictures = files.map(({ bytes }) => bytes)
    const bytes = await videoOfFrames(pictures, Number(job.request.fps) || 6, signal).catch((cause) => {
      throw new AiError('ai_runner_failed', `${this.#what}: no video was made of its pictures: ${errorText(cause)}`, {
        cause,
      })
    })
    return [{ type: 'video/mp4', bytes }]
  }

  #empty(text: string): AiError {
    return new AiError('ai_runner_failed', `the workflow of ${this.#what} gave ${text}`)
  }
}

const isMp4 = (bytes: Uint8Array): boolean => Buffer.from(bytes.buffer, bytes.byteOffset + 4, 4).toString() === 'ftyp'
