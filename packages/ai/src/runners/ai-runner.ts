import { type Clock, errorText, systemClock } from '@millrace/base'
import { AiError } from '../ai-error.ts'
import type { AiFile } from '../files.ts'
import type { Pipeline } from '../pipelines/pipeline.ts'
import { checkResponse } from '../pipelines/read-request.ts'
import { requirePipeline } from '../pipelines/registry.ts'
import { AiRunnerServer, type AiRunnerServerOptions } from './ai-runner-server.ts'
import { fileOfDataUrl } from './data-url.ts'
import { formBody, jsonBody } from './form-body.ts'
import { JOB_TIMEOUT_MS, MAX_ANSWER_BYTES, withinJob } from './job-limits.ts'
import { llmAnswer, llmStream, wholeAsChunk } from './llm-answer.ts'
import type { AiJob, AiResult, RunContext, Runner, RunnerState } from './runner.ts'
import { othersFirst, type ServerAnswer } from './server-client.ts'
import { videoOfFrames } from './video-frames.ts'

export type AiRunnerOptions = AiRunnerServerOptions & {
  /** Default 1, as upstream's for servers that it does not start. */
  readonly capacity?: number | undefined
  readonly timeoutMs?: number | undefined
  readonly maxAnswerBytes?: number | undefined
}

/** A server that speaks the API of ai-runner's containers (ai spec, section 4). Throws `ai_models_invalid` at a pipeline or an address that there is not. */
export class AiRunner implements Runner {
  readonly kind = 'ai-runner'
  readonly pipeline: string
  readonly modelId: string
  readonly capacity: number
  readonly #options: AiRunnerOptions
  readonly #of: Pipeline
  readonly #server: AiRunnerServer
  readonly #what: string

  constructor(options: AiRunnerOptions, deps: { readonly clock?: Clock } = {}) {
    this.#options = options
    this.#of = requirePipeline(options.pipeline)
    this.pipeline = options.pipeline
    this.modelId = options.modelId
    this.capacity = options.capacity ?? 1
    this.#server = new AiRunnerServer(options, { clock: deps.clock ?? systemClock })
    this.#what = this.#server.what
  }

  /** What it says of itself; empty until it was loaded. */
  get version(): string {
    return this.#server.version
  }

  load(options: { readonly signal: AbortSignal }): Promise<void> {
    return this.#server.load(options)
  }

  health(): Promise<RunnerState> {
    return this.#server.health()
  }

  async run(job: AiJob, context: RunContext): Promise<AiResult> {
    const { timeoutMs = JOB_TIMEOUT_MS, maxAnswerBytes = MAX_ANSWER_BYTES } = this.#options
    return withinJob({ signal: context.signal, timeoutMs, what: this.#what }, async (signal) => {
      const fields: Record<string, unknown> = { ...job.request, [this.#of.modelField]: this.modelId }
      if (this.#of.streams && !context.onChunk) Object.assign(fields, { stream: false })
      // FastAPI takes an empty text of a form for a missing one, and upscale needs a prompt.
      if (this.#of.body === 'multipart' && fields.prompt === '') fields.prompt = ' '
      const body = this.#of.body === 'json' ? jsonBody(fields) : formBody(fields, job.files)
      const answer = await this.#server.client.ask(`/${this.pipeline}`, body, { signal, maxBytes: maxAnswerBytes })
      if (this.pipeline === 'llm') return { response: await this.#words(answer, context), files: [] }
      return this.#result(await answer.json(), job, signal)
    })
  }

  async unload(): Promise<void> {
    // It is not ours to stop.
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
