import { errorText } from '@millrace/base'
import { AiError } from '../../ai-error.ts'
import type { CatalogEntry } from '../../models/catalog.ts'
import { modelsFolder } from '../../models/models-folder.ts'
import type { AiJob, AiResult, LoadProgress, RunContext, Runner, RunnerState } from '../runner.ts'
import { ModelProcess } from './model-process.ts'

export type EmbeddedRunnerOptions = {
  /** Where packages and what is made of them are kept. Default `modelsFolder()`. */
  readonly folder?: string
  /** Jobs in the process at once. Default 1. */
  readonly capacity?: number
  /** Jobs that may wait for their turn beside those; more are refused. Default 8. */
  readonly maxWaiting?: number
  /** A job may take so long, its wait not counted. Default what the model's card says, or 120,000. */
  readonly timeLimitMs?: number
  /** What does not stop within this time when it is told to is stopped with its process. Default 1,000. */
  readonly stopWithinMs?: number
  /** A load from which nothing is heard for so long is given up. Default 180,000. */
  readonly loadStallMs?: number
  /** The model is unloaded when it had nothing to do for so long; 0 keeps it. Default 600,000. */
  readonly idleUnloadMs?: number
  /** A process that takes more memory than this after a job is ended before the next one. Default 1.5 GB. */
  readonly maxResidentBytes?: number
}

/** The version of ai-runner whose API an embedded runner answers like. */
const RUNNER_VERSION = '0.14.1'

type Load = { readonly process: ModelProcess; readonly ready: Promise<void>; waiting: number }

/**
 * Runs a model of the catalogue in a child process of its own, which is started by `load` or by the first job, and again after it died.
 * Health is OK with the model in memory and IDLE without. `run` rejects with the signal's own reason when that aborts.
 */
export class EmbeddedRunner implements Runner {
  readonly kind = 'embedded'
  readonly pipeline: string
  readonly modelId: string
  readonly version = RUNNER_VERSION
  readonly capacity: number
  readonly #entry: CatalogEntry
  readonly #options: Required<EmbeddedRunnerOptions>
  #state: RunnerState = 'IDLE'
  #load: Load | undefined
  #progress: ((progress: LoadProgress) => void)[] = []
  #running = 0
  readonly #queue: (() => void)[] = []
  #idle: NodeJS.Timeout | undefined

  constructor(entry: CatalogEntry, options: EmbeddedRunnerOptions = {}) {
    this.#entry = entry
    this.pipeline = entry.card.pipeline
    this.modelId = entry.card.id
    this.capacity = options.capacity ?? 1
    this.#options = {
      folder: options.folder ?? modelsFolder(),
      capacity: this.capacity,
      maxWaiting: options.maxWaiting ?? 8,
      timeLimitMs: options.timeLimitMs ?? entry.card.timeLimitMs ?? 120_000,
      stopWithinMs: options.stopWithinMs ?? 1_000,
      loadStallMs: options.loadStallMs ?? 180_000,
      idleUnloadMs: options.idleUnloadMs ?? 600_000,
      maxResidentBytes: options.maxResidentBytes ?? 1_500_000_000,
    }
  }

  /** Throws what the fetch or the model threw; `ai_runner_failed` when the process ended. */
  async load(options: {
    readonly signal: AbortSignal
    readonly onProgress?: (progress: LoadProgress) => void
  }): Promise<void> {
    options.signal.throwIfAborted()
    await this.#loaded(options.signal, options.onProgress)
    this.#rest()
  }

  async health(): Promise<RunnerState> {
    return this.#state
  }

  /** The id of the process that holds the model, while there is one. */
  get pid(): number | undefined {
    return this.#load?.process.pid
  }

  async run(job: AiJob, { signal }: RunContext): Promise<AiResult> {
    signal.throwIfAborted()
    await this.#turn(signal)
    let over: Promise<void> = Promise.resolve()
    try {
      clearTimeout(this.#idle)
      const model = await this.#loaded(signal).catch((error) => {
        throw signal.aborted ? signal.reason : this.#notLoaded(error)
      })
      const timeUp = new AbortController()
      const timer = setTimeout(() => timeUp.abort(this.#tooLong()), this.#options.timeLimitMs)
      const running = model.run(job, AbortSignal.any([signal, timeUp.signal]))
      over = running.over
      return await running.result.finally(() => clearTimeout(timer))
    } finally {
      void over.then(() => this.#next())
    }
  }

  async unload(): Promise<void> {
    clearTimeout(this.#idle)
    const load = this.#load
    this.#load = undefined
    this.#state = 'IDLE'
    await load?.process.close()
  }

  /** The process with the model in it; starts one where there is none. */
  async #loaded(signal: AbortSignal, onProgress?: (progress: LoadProgress) => void): Promise<ModelProcess> {
    const load = this.#load?.process.alive ? this.#load : this.#start()
    if (onProgress) this.#progress.push(onProgress)
    load.waiting++
    load.process.keepAlive(true)
    let leave = () => {}
    const aborted = new Promise<never>((_, reject) => {
      leave = () => reject(signal.reason)
      signal.addEventListener('abort', leave, { once: true })
    })
    try {
      await Promise.race([load.ready, aborted])
      return load.process
    } finally {
      signal.removeEventListener('abort', leave)
      this.#progress = this.#progress.filter((listener) => listener !== onProgress)
      load.waiting--
      // A load that nobody waits for any more is not worth its download.
      if (signal.aborted && load.waiting === 0 && this.#state === 'LOADING' && this.#load === load) await this.unload()
    }
  }

  #start(): Load {
    this.#state = 'LOADING'
    let stalled: NodeJS.Timeout | undefined
    const heard = () => {
      clearTimeout(stalled)
      stalled = setTimeout(() => process.kill(), this.#options.loadStallMs).unref()
    }
    const process = new ModelProcess(this.#entry, {
      ...this.#options,
      onProgress: (progress) => {
        heard()
        for (const listener of this.#progress) listener(progress)
      },
    })
    heard()
    const is = (state: RunnerState) => {
      if (this.#load?.process === process) this.#state = state
    }
    const ready = process.loaded.then(
      () => is('OK'),
      (error) => {
        is('ERROR')
        process.kill()
        throw error
      },
    )
    ready.catch(() => {}).finally(() => clearTimeout(stalled))
    void process.exited.then(() => is('ERROR'))
    this.#load = { process, ready, waiting: 0 }
    return this.#load
  }

  /** Waits until fewer jobs run than there is capacity for. */
  async #turn(signal: AbortSignal): Promise<void> {
    if (this.#running < this.capacity) {
      this.#running++
      return
    }
    if (this.#queue.length >= this.#options.maxWaiting)
      throw new AiError('ai_no_capacity', `${this.modelId} is busy: ${this.#queue.length} jobs wait already`, {
        retryable: true,
      })
    await new Promise<void>((resolve, reject) => {
      const go = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        this.#queue.splice(this.#queue.indexOf(go), 1)
        reject(signal.reason)
      }
      signal.addEventListener('abort', leave, { once: true })
      this.#queue.push(go)
    })
  }

  async #next(): Promise<void> {
    const model = this.#load?.process
    // Between jobs is the moment when a process that grew too large costs nobody a result.
    if (model && this.#running === 1 && model.residentBytes > this.#options.maxResidentBytes) await this.unload()
    const next = this.#queue.shift()
    if (next) return next()
    this.#running--
    this.#rest()
  }

  /** From here on nothing happens until the next job. */
  #rest(): void {
    if (this.#running > 0 || !this.#load) return
    this.#load.process.keepAlive(false)
    clearTimeout(this.#idle)
    if (this.#options.idleUnloadMs > 0)
      this.#idle = setTimeout(() => void this.unload(), this.#options.idleUnloadMs).unref()
  }

  #notLoaded(error: unknown): AiError {
    const text = `${this.modelId} cannot be loaded: ${errorText(error)}`
    return new AiError('ai_no_runner', text, { cause: error, retryable: true })
  }

  #tooLong(): AiError {
    const text = `${this.modelId} did not finish within ${this.#options.timeLimitMs / 1_000} s`
    return new AiError('ai_timed_out', text)
  }
}
