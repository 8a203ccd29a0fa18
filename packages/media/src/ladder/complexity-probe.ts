import { errorText, type Log, MillraceError } from '@millrace/base'
import type { MediaEngine } from '../transcode/engine.ts'
import { openMediaEngine } from '../transcode/open-engine.ts'
import { type Complexity, type ComplexitySample, measureComplexity } from './complexity.ts'

export type ComplexityProbeOptions = {
  /** All samples of a source together, once it is their turn; what is not done by then does not count. Default 5,000. */
  readonly timeoutMs?: number
  /** Sources that may be looked at or wait at once; others get the ladder as it is. Default 4. */
  readonly maxWaiting?: number
}

/** Looks how hard sources are to encode, one after the other, in processes of their own. */
export class ComplexityProbe {
  readonly #timeoutMs: number
  readonly #maxWaiting: number
  readonly #log: Log
  readonly #closing = new AbortController()
  #engine: Promise<MediaEngine> | undefined
  #turn: Promise<unknown> = Promise.resolve()
  #waiting = 0

  constructor(options: ComplexityProbeOptions, deps: { readonly log: Log }) {
    this.#timeoutMs = options.timeoutMs ?? 5_000
    this.#maxWaiting = options.maxWaiting ?? 4
    this.#log = deps.log
  }

  /** Starts a process, so that the first source does not wait for it. */
  prepare(): void {
    this.#open().catch(() => {})
  }

  /** Never rejects; samples that could not be measured in time are missing from the answer. */
  async measure(samples: readonly ComplexitySample[]): Promise<readonly Complexity[]> {
    if (this.#waiting >= this.#maxWaiting) return []
    this.#waiting++
    const work = this.#turn.then(() => this.#measure(samples)).finally(() => this.#waiting--)
    this.#turn = work
    return work
  }

  async close(): Promise<void> {
    this.#closing.abort(new MillraceError('aborted', 'the probe was closed'))
    await this.#turn
    await (await this.#engine?.catch(() => undefined))?.close()
  }

  #open(): Promise<MediaEngine> {
    this.#engine ??= openMediaEngine({}, { log: this.#log }).then(({ engine }) => engine)
    return this.#engine
  }

  async #measure(samples: readonly ComplexitySample[]): Promise<readonly Complexity[]> {
    const measured: Complexity[] = []
    try {
      const engine = await this.#open()
      const signal = AbortSignal.any([AbortSignal.timeout(this.#timeoutMs), this.#closing.signal])
      for (const sample of samples) {
        signal.throwIfAborted()
        measured.push(await measureComplexity(sample, { engine }, { signal, deadlineMs: this.#timeoutMs }))
      }
    } catch (error) {
      if (!this.#closing.signal.aborted)
        this.#log.info('a source could not be looked at in full', { done: measured.length, error: errorText(error) })
    }
    return measured
  }
}
