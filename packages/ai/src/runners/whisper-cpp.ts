import { type Clock, systemClock } from '@millrace/base'
import { AiError } from '../ai-error.ts'
import { checkResponse } from '../pipelines/read-request.ts'
import { requirePipeline } from '../pipelines/registry.ts'
import { formBody } from './form-body.ts'
import { HEALTH_TIMEOUT_MS, JOB_TIMEOUT_MS, MAX_ANSWER_BYTES, MAX_STATUS_BYTES, withinJob } from './job-limits.ts'
import type { AiJob, AiResult, RunContext, Runner, RunnerState } from './runner.ts'
import { ServerClient } from './server-client.ts'
import { noAdapter } from './server-failure.ts'
import { transcript } from './transcript.ts'
import { untilUp } from './until-up.ts'

export type WhisperCppOptions = {
  /** `audio-to-text`. */
  readonly pipeline: string
  readonly modelId: string
  readonly url: string
  readonly token?: string | undefined
  readonly capacity?: number | undefined
  readonly timeoutMs?: number | undefined
  readonly maxAnswerBytes?: number | undefined
  readonly loadTimeoutMs?: number | undefined
}

/** The server of whisper.cpp with its own `POST /inference`; it takes other files than WAV at 16 kHz only when it was started with `--convert`. */
export class WhisperCppRunner implements Runner {
  readonly kind = 'http-app'
  readonly pipeline = 'audio-to-text'
  readonly modelId: string
  readonly version = ''
  readonly capacity: number
  readonly #options: WhisperCppOptions
  readonly #client: ServerClient
  readonly #clock: Clock
  readonly #what: string

  constructor(options: WhisperCppOptions, deps: { readonly clock?: Clock } = {}) {
    if (options.pipeline !== this.pipeline) throw noAdapter('whisper-cpp', options.pipeline, [this.pipeline])
    this.#options = options
    this.modelId = options.modelId
    this.capacity = options.capacity ?? 1
    this.#what = `the server of ${this.pipeline} (${this.modelId})`
    this.#client = new ServerClient({ url: options.url, token: options.token, what: this.#what })
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
      const answer = await this.#client.get('/health', { signal, maxBytes: MAX_STATUS_BYTES })
      await answer.bytes()
      // Older servers have no such path; that they answer says enough.
      return answer.status === 503 ? 'LOADING' : answer.status < 500 ? 'OK' : 'ERROR'
    })
  }

  async run(job: AiJob, context: RunContext): Promise<AiResult> {
    const { timeoutMs = JOB_TIMEOUT_MS, maxAnswerBytes = MAX_ANSWER_BYTES } = this.#options
    const file = job.files.audio
    if (!file) throw new AiError('ai_bad_request', 'audio: this file is missing')
    return withinJob({ signal: context.signal, timeoutMs, what: this.#what }, async (signal) => {
      const body = formBody({ response_format: 'verbose_json', temperature: '0.0' }, { file })
      const answer = await this.#client.ask('/inference', body, { signal, maxBytes: maxAnswerBytes })
      const read = await answer.json()
      // It tells of its failures with status 200.
      const { error } = (read ?? {}) as { error?: unknown }
      if (typeof error === 'string') throw this.#failure(error.slice(0, 500))
      const response = transcript(read, String(job.request.return_timestamps), this.#what)
      return { response: checkResponse(requirePipeline(this.pipeline), response), files: [] }
    })
  }

  /** That it could not read the recording is the customer's fault, that it could not work on it is not. */
  #failure(said: string): AiError {
    if (/process audio|execute ffmpeg/i.test(said))
      return new AiError('ai_runner_failed', `${this.#what} failed: ${said}`, { retryable: true })
    return new AiError('ai_bad_request', `audio: ${said}`)
  }

  async unload(): Promise<void> {
    // It is not ours to stop.
  }
}
