import { type Clock, errorText, type Log, type Part, systemClock } from '@millrace/base'
import { AiError } from '../ai-error.ts'
import { HEALTH_TIMEOUT_MS } from '../runners/job-limits.ts'
import { describeModels, freest, type ModelDescription } from '../runners/model-description.ts'
import type { LoadProgress } from '../runners/runner.ts'
import { RunnerSlot, stopping } from '../runners/runner-slot.ts'
import { givenUp } from '../runners/server-client.ts'
import type { LiveRequest, LiveRun, LiveRunner } from './live-runner.ts'

/** A live runner, and how it is kept. */
export type LivePoolEntry = {
  readonly runner: LiveRunner
  /** Loaded at the start and kept so, with a process to spare where it is embedded; else with the first stream. */
  readonly warm: boolean
}

export type LivePoolOptions = {
  /** How often each runner is asked how it is. Default 5 s. */
  readonly healthMs?: number
  /** Default 3 minutes. */
  readonly loadTimeoutMs?: number
  /** How long a stream waits where a model that is kept warm is loading. Default 4 s: a gateway waits for five. */
  readonly loadWaitMs?: number
  /** A model that is not kept warm is unloaded after so long without a stream; 0 is never. Default 10 minutes. */
  readonly idleUnloadMs?: number
}

export type LivePoolDeps = {
  readonly log: Log
  readonly clock?: Clock
  readonly onProgress?: (model: { readonly pipeline: string; readonly modelId: string }, progress: LoadProgress) => void
}

/** The live runners of a worker: loads them, watches over them, and gives each no more streams than it takes. */
export class LivePool implements Part {
  readonly name = 'live-runners'
  readonly #slots: readonly RunnerSlot<LiveRunner>[]
  readonly #healthMs: number
  readonly #loadTimeoutMs: number
  readonly #log: Log
  readonly #stopped = new AbortController()
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(entries: readonly LivePoolEntry[], options: LivePoolOptions, deps: LivePoolDeps) {
    const {
      healthMs = HEALTH_TIMEOUT_MS,
      loadTimeoutMs = 180_000,
      loadWaitMs = 4_000,
      idleUnloadMs = 600_000,
    } = options
    const { log, clock = systemClock, onProgress = () => {} } = deps
    this.#healthMs = healthMs
    this.#loadTimeoutMs = loadTimeoutMs
    this.#log = log
    this.#slots = entries.map(({ runner, warm }) => {
      const slot = { warm, capacity: runner.capacity, loadTimeoutMs, loadWaitMs, idleUnloadMs }
      const told = (far: LoadProgress) => onProgress(runner, far)
      return new RunnerSlot(runner, slot, { log, clock, onChange: () => {}, onProgress: told })
    })
  }

  /** Begins to load what is kept warm; `loaded` waits for it. */
  async start(): Promise<void> {
    for (const slot of this.#slots) if (slot.options.warm) void slot.load().catch(() => {})
    this.#timer = setInterval(() => void this.poll(), this.#healthMs)
    this.#timer.unref()
  }

  /** Ends all streams and unloads everything. */
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
    await Promise.all(this.#slots.map((slot) => slot.poll().then(() => this.#keepSpare(slot))))
  }

  /** The models, in the order they were given; runners of one model count as one. */
  describe(): readonly ModelDescription[] {
    return describeModels(this.#slots)
  }

  /** Who would take a stream of this model. */
  kindOf(modelId: string): LiveRunner['kind'] | undefined {
    return this.#slots.find(({ runner }) => runner.modelId === modelId)?.runner.kind
  }

  /**
   * Starts a stream with a free runner of the model; the runner's place is taken until the stream has ended.
   * Throws what runners throw when they start, `ai_no_runner` and `ai_no_capacity`.
   */
  open(modelId: string, request: LiveRequest, { signal }: { readonly signal: AbortSignal }): Promise<LiveRun> {
    return new Promise((resolve, reject) => {
      if (this.#stopped.signal.aborted) return reject(stopping())
      const slots = this.#slots.filter(({ runner }) => runner.modelId === modelId)
      if (slots.length === 0) return reject(noRunner(modelId))
      const slot = freest(slots, modelId)
      const work = async (runner: LiveRunner) => {
        const run = await runner.start(request, { signal })
        resolve(run)
        this.#keepSpare(slot)
        // Whoever asked for it went away while it began.
        if (signal.aborted) void run.stop()
        await run.ended
      }
      slot
        .use(work, { signal })
        .catch((error) => reject(signal.aborted ? givenUp(signal) : error))
        .finally(() => this.#keepSpare(slot))
    })
  }

  /** A process is loaded in the place of the one that a stream has taken, or that died waiting. */
  #keepSpare(slot: RunnerSlot<LiveRunner>): void {
    const { runner, options, state, inUse } = slot
    if (
      runner.kind !== 'embedded' ||
      !options.warm ||
      state !== 'ready' ||
      inUse >= options.capacity ||
      this.#stopped.signal.aborted
    )
      return
    const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(this.#loadTimeoutMs)])
    runner.load({ signal }).catch((error) => {
      if (!this.#stopped.signal.aborted)
        this.#log.warn('no spare process could be loaded', { modelId: runner.modelId, error: errorText(error) })
    })
  }
}

const noRunner = (modelId: string): AiError =>
  new AiError(
    'ai_no_runner',
    `nobody here runs ${modelId || 'this model'} on live video: give the worker an entry {"pipeline": "live-video-to-video", "model_id": …} with -aiModels (docs/ai.md)`,
  )
