import { type Clock, errorText, systemClock } from '@millrace/base'
import { AiError } from '../ai-error.ts'
import type { AiFile } from '../files.ts'
import type { Pipeline } from '../pipelines/pipeline.ts'
import { checkResponse } from '../pipelines/read-request.ts'
import { requirePipeline } from '../pipelines/registry.ts'
import { fileOfDataUrl } from './data-url.ts'
import { formBody, jsonBody } from './form-body.ts'
import { HEALTH_TIMEOUT_MS, JOB_TIMEOUT_MS, MAX_ANSWER_BYTES, MAX_STATUS_BYTES, withinJob } from './job-limits.ts'
import { llmAnswer, llmStream, wholeAsChunk } from './llm-answer.ts'
import type { AiJob, AiResult, RunContext, Runner, RunnerState } from './runner.ts'
import { othersFirst, type ServerAnswer, ServerClient } from './server-client.ts'
import { untilUp } from './until-up.ts'
import { videoOfFrames } from './video-frames.ts'

export type AiRunnerOptions = {
  readonly pipeline: string
  readonly modelId: string
  /** Where the container, or a Millrace worker, is: `http://10.0.0.7:8000`. */
  readonly url: string
  readonly token?: string | undefined
  /** Default 1, as upstream's for servers that it does not start. */
  readonly capacity?: number | undefined
  readonly timeoutMs?: number | undefined
  readonly maxAnswerBytes?: number | undefined
  /** How long `load` waits for it. Default 2 minutes. */
  readonly loadTimeoutMs?: number | undefined
}

const MAX_MODELS = 100
const STATES: readonly string[] = ['LOADING', 'OK', 'IDLE', 'ERROR'] satisfies RunnerState[]

/** A server that speaks the API of ai-runner's containers (ai spec, section 4). Throws `ai_models_invalid` at a pipeline or an address that there is not. */
export class AiRunner implements Runner {
  readonly kind = 'ai-runner'
  readonly pipeline: string
  readonly modelId: string
  readonly capacity: number
  readonly #options: AiRunnerOptions
  readonly #of: Pipeline
  readonly #client: ServerClient
  readonly #clock: Clock
  readonly #what: string
  #version = ''

  constructor(options: AiRunnerOptions, deps: { readonly clock?: Clock } = {}) {
    this.#options = options
    this.#of = requirePipeline(options.pipeline)
    this.pipeline = options.pipeline
    this.modelId = options.modelId
    this.capacity = options.capacity ?? 1
    this.#what = `the runner of ${this.pipeline} (${this.modelId})`
    this.#client = new ServerClient({ url: options.url, token: options.token, what: this.#what })
    this.#clock = deps.clock ?? systemClock
  }

  /** What it says of itself; empty until it was loaded. */
  get version(): string {
    return this.#version
  }

  async load({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    await untilUp(() => this.health(), {
      ...{ what: this.#what, signal, clock: this.#clock },
      timeoutMs: this.#options.loadTimeoutMs ?? 120_000,
    })
    const about = await this.#about(signal)
    if (typeof about.version === 'string') this.#version = about.version.slice(0, 100)
    this.#checkModel(about)
  }

  async health(): Promise<RunnerState> {
    const limit = { signal: new AbortController().signal, timeoutMs: HEALTH_TIMEOUT_MS, what: this.#what }
    return withinJob(limit, async (signal) => {
      const answer = await this.#client.ask('/health', undefined, { signal, maxBytes: MAX_STATUS_BYTES })
      const { status } = ((await answer.json()) ?? {}) as { status?: unknown }
      if (typeof status === 'string' && STATES.includes(status)) return status as RunnerState
      throw new AiError('ai_runner_failed', `${this.#what} says nothing of its health that ai-runner would say`)
    })
  }

  async run(job: AiJob, context: RunContext): Promise<AiResult> {
    const { timeoutMs = JOB_TIMEOUT_MS, maxAnswerBytes = MAX_ANSWER_BYTES } = this.#options
    return withinJob({ signal: context.signal, timeoutMs, what: this.#what }, async (signal) => {
      const fields: Record<string, unknown> = { ...job.request, [this.#of.modelField]: this.modelId }
      if (this.#of.streams && !context.onChunk) Object.assign(fields, { stream: false })
      // FastAPI takes an empty text of a form for a missing one, and upscale needs a prompt.
      if (this.#of.body === 'multipart' && fields.prompt === '') fields.prompt = ' '
      const body = this.#of.body === 'json' ? jsonBody(fields) : formBody(fields, job.files)
      const answer = await this.#client.ask(`/${this.pipeline}`, body, { signal, maxBytes: maxAnswerBytes })
      if (this.pipeline === 'llm') return { response: await this.#words(answer, context), files: [] }
      return this.#result(await answer.json(), job, signal)
    })
  }

  async unload(): Promise<void> {
    // It is not ours to stop.
  }

  /** A container has one model; a Millrace worker lists all that it has. Those that say nothing are believed. */
  #checkModel(about: Readonly<Record<string, unknown>>): void {
    const listed: readonly unknown[] = Array.isArray(about.models) ? about.models.slice(0, MAX_MODELS) : [about]
    const offers = listed.map((offer) => (offer ?? {}) as { readonly pipeline?: unknown; readonly model_id?: unknown })
    const is = (said: unknown, wanted: string) => typeof said !== 'string' || said === '' || said === wanted
    if (offers.some((offer) => is(offer.pipeline, this.pipeline) && is(offer.model_id, this.modelId))) return
    const there = offers.map((offer) => `${offer.model_id} for ${offer.pipeline}`.slice(0, 200)).join(', ')
    throw new AiError(
      'ai_runner_failed',
      `${this.#what} says that it has ${there || 'no model'}: name one of those in its entry, or start it with PIPELINE=${this.pipeline} MODEL_ID=${this.modelId}`,
    )
  }

  async #about(signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
    try {
      const answer = await this.#client.ask('/version', undefined, { signal, maxBytes: MAX_STATUS_BYTES })
      return ((await answer.json()) ?? {}) as Readonly<Record<string, unknown>>
    } catch (error) {
      if (signal.aborted) throw error
      // Older containers have no such path.
      return {}
    }
  }

  async #words(answer: ServerAnswer, { onChunk }: RunContext): Promise<Readonly<Record<string, unknown>>> {
    if (answer.type === 'text/event-stream') return llmStream(answer.body, this.modelId, onChunk ?? (() => {}))
    const whole = llmAnswer(await answer.json(), this.modelId)
    onChunk?.(wholeAsChunk(whole))
    return whole
  }

  async #result(answer: unknown, job: AiJob, signal: AbortSignal): Promise<AiResult> {
    const files: AiFile[] = []
    const named = (url: unknown, stem: string): string => {
      const file = fileOfDataUrl(url, stem, this.#what)
      files.push(file)
      return file.name
    }
    const of = (answer ?? {}) as Readonly<Record<string, unknown>>
    if (Array.isArray(of.frames)) return this.#videos(of.frames, Number(job.request.fps) || 6, signal)
    let response: unknown = of
    if (Array.isArray(of.images))
      response = { images: of.images.map((image, i) => ({ ...image, url: named(image?.url, `image-${i}`) })) }
    else if (typeof of.audio === 'object' && of.audio !== null)
      response = { audio: { url: named((of.audio as { url?: unknown }).url, 'audio') } }
    if (Array.isArray(of.chunks)) response = { ...of, chunks: of.chunks.map(withTimes) }
    return { response: checkResponse(this.#of, response), files }
  }

  /** Containers answer a video as its pictures; the network wants a file. */
  async #videos(videos: readonly unknown[], fps: number, signal: AbortSignal): Promise<AiResult> {
    const files: AiFile[] = []
    const images: unknown[] = []
    for (const [index, frames] of videos.entries()) {
      if (!Array.isArray(frames) || frames.length === 0)
        throw new AiError('ai_runner_failed', `${this.#what} answered a video without pictures`)
      const pictures: Uint8Array[] = []
      for (const [i, frame] of frames.entries()) {
        pictures.push(fileOfDataUrl(frame?.url, `frame-${i}`, this.#what).bytes)
        await othersFirst(String(frame?.url).length)
      }
      const bytes = await videoOfFrames(pictures, fps, signal).catch((cause) => {
        if (cause instanceof AiError) throw cause
        throw new AiError('ai_runner_failed', `${this.#what}: no video was made of its pictures: ${errorText(cause)}`, {
          cause,
        })
      })
      const name = `video-${index}.mp4`
      files.push({ name, type: 'video/mp4', bytes })
      images.push({ url: name, seed: frames[0]?.seed ?? 0, nsfw: frames.some((frame) => frame?.nsfw === true) })
    }
    return { response: checkResponse(this.#of, { images }), files }
  }
}

/** Whisper leaves the end of the last chunk open where the recording is cut off. */
function withTimes(chunk: unknown): unknown {
  const { timestamp, ...rest } = (chunk ?? {}) as Readonly<Record<string, unknown>>
  if (!Array.isArray(timestamp)) return chunk
  const known = timestamp.find((time) => typeof time === 'number') ?? 0
  return { ...rest, timestamp: timestamp.map((time) => time ?? known) }
}
