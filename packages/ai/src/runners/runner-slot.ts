import { type Clock, errorText, hasCode, type Log, withTimeout } from '@millrace/base'
import { AiError } from '../ai-error.ts'
import { HEALTH_TIMEOUT_MS } from './job-limits.ts'
import type { LoadProgress, Runner, RunnerState } from './runner.ts'
import { givenUp } from './server-client.ts'

/** `cold` is not loaded; `away` says LOADING itself, or did not answer once; `failed` is loaded again later. */
export type SlotState = 'cold' | 'loading' | 'ready' | 'away' | 'failed'

export type SlotOptions = {
  readonly warm: boolean
  readonly capacity: number
  /** As upstream: a container that loads longer is taken for broken. */
  readonly loadTimeoutMs: number
  /** How long a job waits for a load under way. */
  readonly loadWaitMs: number
  /** A runner that is not kept warm is unloaded after so long without a job; 0 is never. */
  readonly idleUnloadMs: number
}

export type SlotDeps = {
  readonly clock: Clock
  readonly log: Log
  readonly onChange: () => void
  readonly onProgress: (progress: LoadProgress) => void
}

const FAILURES = 2
const FIRST_PAUSE_MS = 2_000
const LONGEST_PAUSE_MS = 60_000

/** What a slot keeps, whatever it runs. */
export type Kept = Omit<Runner, 'run'>

/** One runner of a pool: whether it is loaded, how it is, and how many jobs it has. */
export class RunnerSlot<R extends Kept = Runner> {
  readonly runner: R
  readonly options: SlotOptions
  readonly #deps: SlotDeps
  readonly #stopped = new AbortController()
  #state: SlotState = 'cold'
  #inUse = 0
  #failures = 0
  #loading: Promise<void> | undefined
  #awaySince = 0
  #usedAt = 0
  #nextLoadAt = 0
  #pauseMs = FIRST_PAUSE_MS
  #fault = ''
  #polling = false

  constructor(runner: R, options: SlotOptions, deps: SlotDeps) {
    this.runner = runner
    this.options = options
    this.#deps = { ...deps, log: deps.log.child({ pipeline: runner.pipeline, model: runner.modelId }) }
  }

  get state(): SlotState {
    return this.#state
  }

  get inUse(): number {
    return this.#inUse
  }

  /** Why it does not run; empty while it does. */
  get fault(): string {
    return this.#fault
  }

  /** Whether it would take a job now, or after loading. */
  get free(): boolean {
    if (this.#inUse >= this.options.capacity) return false
    if (this.#state === 'failed') return this.#deps.clock.elapsed() >= this.#nextLoadAt
    return this.#state !== 'away'
  }

  /** Loads it unless it is loaded; everybody who waits gets the same load. */
  load(): Promise<void> {
    if (this.#state === 'ready' || this.#state === 'away') return Promise.resolve()
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  /** Works with the runner of a free slot, loading the model first. */
  async use<T>(work: (runner: R) => Promise<T>, { signal }: { readonly signal: AbortSignal }): Promise<T> {
    this.#inUse++
    this.#deps.onChange()
    try {
      await this.#ready(signal)
      return await work(this.runner)
    } catch (error) {
      // It may have crashed: nobody else should be sent there before that is known.
      if (hasCode(error, 'ai_runner_failed') && !signal.aborted) void this.poll()
      throw error
    } finally {
      this.#inUse--
      this.#usedAt = this.#deps.clock.elapsed()
      this.#deps.onChange()
    }
  }

  /** Asks the runner how it is, and acts on it; never rejects. */
  async poll(): Promise<void> {
    if (this.#polling || this.#stopped.signal.aborted) return
    this.#polling = true
    try {
      if (this.#state === 'ready' || this.#state === 'away') await this.#check()
      else if (this.#state === 'failed' && this.#deps.clock.elapsed() >= this.#nextLoadAt) this.#tryAgain()
    } finally {
      this.#polling = false
    }
  }

  async stop(): Promise<void> {
    this.#stopped.abort(stopping())
    await this.#loading?.catch(() => {})
    if (this.#state !== 'cold') await this.#unload('cold')
  }

  async #ready(signal: AbortSignal): Promise<void> {
    if (this.#state === 'ready') return
    const { loadWaitMs, loadTimeoutMs } = this.options
    const what = `loading ${this.runner.modelId}`
    const load = this.load()
    // A load that one job gives up goes on for the next.
    load.catch(() => {})
    const timeoutMs = this.options.warm ? loadWaitMs : loadTimeoutMs
    await withTimeout(() => load, { timeoutMs, what, signal }).catch((cause) => {
      if (signal.aborted) throw givenUp(signal)
      throw new AiError(
        'ai_no_capacity',
        hasCode(cause, 'timeout')
          ? `insufficient capacity: ${this.runner.modelId} is still loading`
          : `insufficient capacity: ${this.runner.modelId} could not be loaded: ${errorText(cause)}`,
        { cause, retryable: true },
      )
    })
    if ((this.#state as SlotState) !== 'ready')
      throw new AiError('ai_no_capacity', `insufficient capacity: ${this.runner.modelId} is not up`, {
        retryable: true,
      })
  }

  async #load(): Promise<void> {
    const { log, clock, onProgress } = this.#deps
    this.#become('loading')
    const began = clock.elapsed()
    try {
      await withTimeout(({ signal }) => this.runner.load({ signal, onProgress }), {
        ...{
          timeoutMs: this.options.loadTimeoutMs,
          what: `loading ${this.runner.modelId}`,
          signal: this.#stopped.signal,
        },
      })
      this.#failures = 0
      this.#pauseMs = FIRST_PAUSE_MS
      this.#fault = ''
      this.#usedAt = clock.elapsed()
      this.#become('ready')
      log.info('model is loaded', { runner: this.runner.kind, ms: clock.elapsed() - began })
    } catch (error) {
      await this.#fail(errorText(error))
      throw error
    }
  }

  async #check(): Promise<void> {
    const { clock } = this.#deps
    let state: RunnerState | undefined
    let said = ''
    try {
      const asked = () => this.runner.health()
      state = await withTimeout(asked, {
        timeoutMs: HEALTH_TIMEOUT_MS,
        what: 'its health',
        signal: this.#stopped.signal,
      })
      said = `it says ${state}`
    } catch (error) {
      said = errorText(error)
    }
    // Much may have happened while it was asked.
    if (this.#stopped.signal.aborted || (this.#state !== 'ready' && this.#state !== 'away')) return
    if (state === 'OK' || state === 'IDLE') {
      this.#failures = 0
      this.#become('ready')
      return this.#unloadIdle()
    }
    if (this.#state === 'ready') this.#awaySince = clock.elapsed()
    if (state === 'LOADING') {
      this.#become('away')
      if (clock.elapsed() - this.#awaySince < this.options.loadTimeoutMs) return
      return this.#again(`it says LOADING for longer than ${this.options.loadTimeoutMs / 1_000} s`)
    }
    this.#failures++
    this.#fault = said
    if (this.#failures >= FAILURES) return this.#again(said)
    // Once is no proof, and jobs find out: a job that is under way goes on.
    this.#deps.log.debug('a runner did not answer well', { error: said })
  }

  /** What is loaded by its first job is offered again, because only a job would tell whether it works by now. */
  #tryAgain(): void {
    if (this.options.warm) void this.load().catch(() => {})
    else this.#become('cold')
  }

  async #again(said: string): Promise<void> {
    await this.#fail(said)
    if (this.options.warm) void this.load().catch(() => {})
  }

  async #fail(said: string): Promise<void> {
    if (this.#stopped.signal.aborted) return this.#become('cold')
    const { log, clock } = this.#deps
    this.#fault = said
    log.warn('model is unloaded, because its runner does not work', { error: said, againInMs: this.#pauseMs })
    await this.#unload('failed')
    this.#nextLoadAt = clock.elapsed() + this.#pauseMs
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2)
  }

  async #unloadIdle(): Promise<void> {
    const { idleUnloadMs, warm } = this.options
    if (warm || idleUnloadMs === 0 || this.#inUse > 0) return
    if (this.#deps.clock.elapsed() - this.#usedAt < idleUnloadMs) return
    await this.#unload('cold')
    this.#deps.log.info('model is unloaded, because nobody used it', { idleMs: idleUnloadMs })
  }

  async #unload(next: SlotState): Promise<void> {
    this.#failures = 0
    this.#become(next)
    await this.runner.unload().catch((error) => {
      this.#deps.log.warn('a runner could not be unloaded', { error: errorText(error) })
    })
  }

  #become(state: SlotState): void {
    if (state === this.#state) return
    this.#state = state
    this.#deps.onChange()
  }
}

export const stopping = (): AiError =>
  new AiError('ai_no_capacity', 'insufficient capacity: the worker is stopping', { retryable: true })
