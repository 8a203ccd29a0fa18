import type { Log } from '@millrace/base'
import { AiError } from '../ai-error.ts'
import { modelsFolder } from '../models/models-folder.ts'
import type { LoadProgress, RunnerState } from '../runners/runner.ts'
import { EmbeddedLiveSession } from './embedded-live-session.ts'
import type { LiveCatalogEntry } from './live-catalog.ts'
import { liveParams, liveParamsSchema } from './live-params.ts'
import { LIVE_PIPELINE } from './live-pipeline.ts'
import { LiveProcess } from './live-process.ts'
import type { LiveRequest, LiveRunner } from './live-runner.ts'

export type EmbeddedLiveRunnerOptions = {
  /** Where packages and what is made of them are kept. Default `modelsFolder()`. */
  readonly folder?: string
  /** Streams at once. Default 1. */
  readonly capacity?: number
}

/** The version of ai-runner whose API an embedded runner answers like. */
const RUNNER_VERSION = '0.14.1'

/** Runs an effect of the catalogue on live streams, each in a child process of its own; one may wait, loaded, for the next stream. */
export class EmbeddedLiveRunner implements LiveRunner {
  readonly kind = 'embedded'
  readonly pipeline = LIVE_PIPELINE
  readonly modelId: string
  readonly version = RUNNER_VERSION
  readonly capacity: number
  readonly params: Readonly<Record<string, unknown>>
  readonly #entry: LiveCatalogEntry
  readonly #folder: string
  readonly #log: Log
  readonly #sessions = new Set<EmbeddedLiveSession>()
  #warm: LiveProcess | undefined
  #state: RunnerState = 'IDLE'

  constructor(entry: LiveCatalogEntry, deps: { readonly log: Log }, options: EmbeddedLiveRunnerOptions = {}) {
    this.#entry = entry
    this.#log = deps.log
    this.modelId = entry.card.id
    this.params = liveParamsSchema(entry.card)
    this.capacity = options.capacity ?? 1
    this.#folder = options.folder ?? modelsFolder()
  }

  get streams(): number {
    return this.#sessions.size
  }

  /** Throws `ai_no_runner` when the effect cannot be loaded. */
  async load(options: {
    readonly signal: AbortSignal
    readonly onProgress?: (progress: LoadProgress) => void
  }): Promise<void> {
    options.signal.throwIfAborted()
    if (this.#warm?.alive) return this.#warm.opened
    // While a process to spare is loaded, streams are taken as before.
    if (this.#state !== 'OK') this.#state = 'LOADING'
    const process = new LiveProcess(this.#entry, this.#folder, options.onProgress)
    this.#warm = process
    const onAbort = () => process.kill()
    options.signal.addEventListener('abort', onAbort, { once: true })
    try {
      await process.opened
      process.keepAlive(false)
      this.#state = 'OK'
    } catch (error) {
      this.#state = 'ERROR'
      process.kill()
      throw options.signal.aborted ? options.signal.reason : error
    } finally {
      options.signal.removeEventListener('abort', onAbort)
    }
  }

  async health(): Promise<RunnerState> {
    if (this.#sessions.size > 0) return 'OK'
    return this.#state === 'OK' && !this.#warm?.alive ? 'IDLE' : this.#state
  }

  async start(request: LiveRequest, { signal }: { readonly signal: AbortSignal }): Promise<EmbeddedLiveSession> {
    signal.throwIfAborted()
    if (this.#sessions.size >= this.capacity)
      throw new AiError('ai_no_capacity', `${this.modelId} has ${this.#sessions.size} streams already`, {
        retryable: true,
      })
    const params = liveParams(this.#entry.card, request.params)
    const warm = this.#warm?.alive ? this.#warm : undefined
    this.#warm = undefined
    const session = new EmbeddedLiveSession({
      entry: this.#entry,
      folder: this.#folder,
      request,
      params,
      warm,
      log: this.#log,
    })
    this.#sessions.add(session)
    void session.ended.then(() => this.#sessions.delete(session))
    return session
  }

  async unload(): Promise<void> {
    const warm = this.#warm
    this.#warm = undefined
    this.#state = 'IDLE'
    warm?.kill()
    await Promise.all([warm?.exited, ...[...this.#sessions].map((session) => session.stop())])
  }
}
