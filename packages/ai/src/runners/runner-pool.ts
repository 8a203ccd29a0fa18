import { type Clock, type Log, type Part, systemClock } from '@millrace/base'
import { AiError } from '../ai-error.ts'
import { requirePipeline } from '../pipelines/registry.ts'
import { HEALTH_TIMEOUT_MS, JOB_TIMEOUT_MS, withinJob } from './job-limits.ts'
import { describeModels, freest, type ModelDescription } from './model-description.ts'
import type { AiJob, AiResult, LoadProgress, RunContext, Runner } from './runner.ts'
import { RunnerSlot, stopping } from './runner-slot.ts'

/** A runner, and how it is kept. */
export type PoolEntry = {
  readonly runner: Runner
  /** Loaded at the start and kept so; else with the first job. */
  readonly warm: boolean
  /** The runner's own by default. */
  readonly capacity?: number | undefined
}

export type RunnerPoolOptions = {
  /** How often each runner is asked how it is. Default 5 s. */
  readonly healthMs?: number
  /** Default 3 minutes. */
  readonly loadTimeoutMs?: number
  /** How long a job waits where a model that is kept warm is loading. Default 30 s. */
  readonly loadWaitMs?: number
  /** A model that is not kept warm is unloaded after so long without a job; 0 is never. Default 10 minutes. */
  readonly idleUnloadMs?: number
  /** The longest job. Default 15 minutes. */
  readonly jobTimeoutMs?: number
}

export type RunnerPoolDeps = {
  readonly log: Log
  readonly clock?: Clock
  /** Told whenever `describe` would say something else. */
  readonly onChange?: () => void
  readonly onProgress?: (model: { readonly pipeline: string; readonly modelId: string }, progress: LoadProgress) => void
}

/** The runners of a worker, by pipeline and model: loads them, watches over them, and gives each no more jobs than it takes. */
export class RunnerPool implements Part {
  readonly name = 'ai-runners'
  readonly #slots: readonly RunnerSlot[]
  readonly #options: Required<RunnerPoolOptions>
  readonly #stopped = new AbortController()
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(entries: readonly PoolEntry[], options: RunnerPoolOptions, deps: RunnerPoolDeps) {
    this.#options = {
      healthMs: HEALTH_TIMEOUT_MS,
      loadTimeoutMs: 180_000,
      loadWaitMs: 30_000,
      idleUnloadMs: 600_000,
      jobTimeoutMs: JOB_TIMEOUT_MS,
      ...options,
    }
    const { log, clock = systemClock, onChange = () => {}, onProgress = () => {} } = deps
    this.#slots = entries.map(({ runner, warm, capacity = runner.capacity }) => {
      const slot = { ...this.#options, warm, capacity }
      return new RunnerSlot(runner, slot, { log, clock, onChange, onProgress: (far) => onProgress(runner, far) })
    })
  }

  /** Begins to load what is kept warm; `loaded` waits for it. */
  async start(): Promise<void> {
    for (const slot of this.#slots) if (slot.options.warm) void slot.load().catch(() => {})
    this.#timer = setInterval(() => void this.poll(), this.#options.healthMs)
    this.#timer.unref()
  }

  /** Gives up all jobs and unloads everything. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#stopped.abort(stopping())
    await Promise.all(this.#slots.map((slot) => slot.stop()))
  }

  /** Resolves when everything that is kept warm is loaded, or failed to. */
  async loaded(): Promise<void> {
    await Promise.allSettled(this.#slots.map((slot) => (slot.options.warm ? slot.load() : undefined)))
  }

  /** Asks every runner how it is; its own timer does so too. */
  async poll(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.poll()))
  }

  /** The models, in the order they were given; runners of one model count as one. */
  describe(): readonly ModelDescription[] {
    return describeModels(this.#slots)
  }

  /**
   * Runs a job on a free runner of the model that it names.
   * Throws what runners throw, and `ai_no_runner`, `ai_no_capacity`, `ai_timed_out`.
   */
  async run(pipeline: string, job: AiJob, context: RunContext): Promise<AiResult> {
    if (this.#stopped.signal.aborted) throw stopping()
    const slot = this.#choose(pipeline, String(job.request[requirePipeline(pipeline).modelField] ?? ''))
    const what = `${pipeline} with ${slot.runner.modelId}`
    const ended = new AbortController()
    const end = (event: Event) => ended.abort((event.target as AbortSignal).reason)
    const signals = [context.signal, this.#stopped.signal]
    for (const signal of signals) {
      if (signal.aborted) ended.abort(signal.reason)
      signal.addEventListener('abort', end, { once: true })
    }
    try {
      return await withinJob({ signal: ended.signal, timeoutMs: this.#options.jobTimeoutMs, what }, (signal) =>
        slot.use((runner) => runner.run(job, { ...context, signal }), { signal }),
      )
    } finally {
      for (const signal of signals) signal.removeEventListener('abort', end)
    }
  }

  #choose(pipeline: string, modelId: string): RunnerSlot {
    const slots = this.#slots.filter(({ runner }) => runner.pipeline === pipeline && runner.modelId === modelId)
    if (slots.length === 0) throw this.#noRunner(pipeline, modelId)
    return freest(slots, modelId)
  }

  #noRunner(pipeline: string, modelId: string): AiError {
    const models = this.#slots.filter(({ runner }) => runner.pipeline === pipeline).map(({ runner }) => runner.modelId)
    const there = models.length > 0 ? `there is ${[...new Set(models)].join(', ')}` : 'there is no model for it'
    return new AiError(
      'ai_no_runner',
      `nobody here runs ${modelId || 'this model'} for ${pipeline}: ${there}. To add one, give the worker an entry ` +
        `{"pipeline": "${pipeline}", "model_id": ${JSON.stringify(modelId)}, "url": …} with -aiModels (docs/ai.md)`,
    )
  }
}
