import { errorText } from './errors.ts'
import type { Log } from './log.ts'

/** Something with a start and a stop that a composition root owns. */
export type Part = {
  readonly name: string
  start?(options: { readonly signal: AbortSignal }): Promise<void>
  /** Finishes what it holds and takes nothing new; called before an orderly stop, never when a node is killed. */
  drain?(): Promise<void>
  /** Ends the part; must be safe to call when start failed or never ran. */
  stop?(): Promise<void>
}

/** Starts parts in order and stops them in reverse; when one fails to start, those already running are stopped. */
export class Lifecycle implements AsyncDisposable {
  readonly #log: Log
  readonly #controller = new AbortController()
  readonly #running: Part[] = []

  constructor(deps: { readonly log: Log }) {
    this.#log = deps.log
  }

  /** Aborts when the lifecycle stops; long work of parts hangs on it. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  async start(parts: readonly Part[]): Promise<void> {
    for (const part of parts) {
      this.#running.push(part)
      try {
        await part.start?.({ signal: this.signal })
      } catch (error) {
        await this.stop()
        throw error
      }
    }
  }

  async stop(): Promise<void> {
    this.#controller.abort(new Error('stopped'))
    for (let part = this.#running.pop(); part; part = this.#running.pop()) {
      try {
        await part.stop?.()
      } catch (error) {
        this.#log.warn('a part failed to stop', { part: part.name, error: errorText(error) })
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}
