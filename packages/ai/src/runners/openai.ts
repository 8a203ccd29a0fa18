import { type Clock, systemClock } from '@millrace/base'
import { AiError } from '../ai-error.ts'
import type { Pipeline } from '../pipelines/pipeline.ts'
import { requirePipeline } from '../pipelines/registry.ts'
import { HEALTH_TIMEOUT_MS, JOB_TIMEOUT_MS, MAX_ANSWER_BYTES, MAX_STATUS_BYTES, withinJob } from './job-limits.ts'
import { OPENAI_JOBS, type OpenAiJob } from './openai-jobs.ts'
import type { AiJob, AiResult, RunContext, Runner, RunnerState } from './runner.ts'
import { ServerClient } from './server-client.ts'
import { noAdapter } from './server-failure.ts'
import { untilUp } from './until-up.ts'

export type OpenAiRunnerOptions = {
  readonly pipeline: string
  readonly modelId: string
  /** With or without `/v1` at its end: `http://127.0.0.1:11434`. */
  readonly url: string
  readonly token?: string | undefined
  /** What the server calls the model; the model's id by default, or the only model that the server has. */
  readonly serverModel?: string | undefined
  /** The voice that reads, for text-to-speech. Default `alloy`. */
  readonly voice?: string | undefined
  readonly capacity?: number | undefined
  readonly timeoutMs?: number | undefined
  readonly maxAnswerBytes?: number | undefined
  /** How long `load` waits for the server. Default 2 minutes. */
  readonly loadTimeoutMs?: number | undefined
}

/** A server with OpenAI's API: llama.cpp, Ollama, vLLM and others. Throws `ai_models_invalid` at a pipeline or an address that it cannot serve. */
export class OpenAiRunner implements Runner {
  readonly kind = 'openai'
  readonly pipeline: string
  readonly modelId: string
  readonly version = ''
  readonly capacity: number
  readonly #options: OpenAiRunnerOptions
  readonly #of: Pipeline
  readonly #job: OpenAiJob
  readonly #client: ServerClient
  readonly #clock: Clock
  readonly #what: string
  #serverModel: string

  constructor(options: OpenAiRunnerOptions, deps: { readonly clock?: Clock } = {}) {
    this.#options = options
    this.pipeline = options.pipeline
    this.modelId = options.modelId
    this.capacity = options.capacity ?? 1
    this.#of = requirePipeline(options.pipeline)
    const job = OPENAI_JOBS[options.pipeline]
    if (!job) throw noAdapter('openai', options.pipeline, Object.keys(OPENAI_JOBS))
    this.#job = job
    this.#what = `the server of ${this.pipeline} (${this.modelId})`
    const url = options.url.replace(/\/v1\/*$/, '')
    this.#client = new ServerClient({ url, token: options.token, what: this.#what })
    this.#clock = deps.clock ?? systemClock
    this.#serverModel = options.serverModel ?? options.modelId
  }

  async load({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    await untilUp(() => this.health(), {
      ...{ what: this.#what, signal, clock: this.#clock },
      timeoutMs: this.#options.loadTimeoutMs ?? 120_000,
    })
    const models = await this.#models(signal)
    const wanted = this.#options.serverModel ?? this.modelId
    const found = models.find((id) => id === wanted || id === `${wanted}:latest`)
    const only = models.length === 1 && this.#options.serverModel === undefined ? models[0] : undefined
    if (models.length > 0 && found === undefined && only === undefined)
      throw new AiError(
        'ai_runner_failed',
        `${this.#what} has no model ${wanted}: it has ${models.slice(0, 20).join(', ')}. Name one of them as server_model`,
      )
    this.#serverModel = found ?? only ?? wanted
  }

  async health(): Promise<RunnerState> {
    const limit = { signal: new AbortController().signal, timeoutMs: HEALTH_TIMEOUT_MS, what: this.#what }
    return withinJob(limit, async (signal) => {
      const answer = await this.#client.get('/v1/models', { signal, maxBytes: MAX_STATUS_BYTES })
      await answer.bytes()
      // llama.cpp says so while it reads its weights.
      if (answer.status === 503) return 'LOADING'
      if (answer.status === 401 || answer.status === 403)
        throw new AiError('ai_runner_failed', `${this.#what} does not take our token: check the token of its entry`)
      return answer.status < 500 ? 'OK' : 'ERROR'
    })
  }

  async run(job: AiJob, context: RunContext): Promise<AiResult> {
    const { timeoutMs = JOB_TIMEOUT_MS, maxAnswerBytes = MAX_ANSWER_BYTES, voice = 'alloy' } = this.#options
    return withinJob({ signal: context.signal, timeoutMs, what: this.#what }, (signal) =>
      this.#job({
        ...{ job, voice, pipeline: this.#of, modelId: this.modelId, serverModel: this.#serverModel, what: this.#what },
        onChunk: context.onChunk,
        ask: (path, body) => this.#client.ask(path, body, { signal, maxBytes: maxAnswerBytes }),
      }),
    )
  }

  async unload(): Promise<void> {
    // It is not ours to stop.
  }

  /** The names of its models; none where it does not tell. */
  async #models(signal: AbortSignal): Promise<readonly string[]> {
    const answer = await this.#client.get('/v1/models', { signal, maxBytes: MAX_STATUS_BYTES })
    if (answer.status !== 200) return []
    const { data } = ((await answer.json()) ?? {}) as { data?: unknown }
    const models = Array.isArray(data) ? data : []
    return models.map((model) => model?.id).filter((id) => typeof id === 'string')
  }
}
