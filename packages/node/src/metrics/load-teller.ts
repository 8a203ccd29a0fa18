import { errorText, type Log, type Part } from '@millrace/base'
import type { TellEvent } from '@millrace/wire'

export type Load = {
  readonly sessions: number
  readonly maxSessions: number
  readonly workers: readonly { readonly capacity: number }[]
}

const LOOK_EVERY_MS = 1_000

/** Tells how much an orchestrator has under way, whenever that has changed. */
export class LoadTeller implements Part {
  readonly name = 'load-teller'
  readonly #load: () => Load
  readonly #tell: TellEvent
  readonly #log: Log
  #told = ''
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(deps: { readonly load: () => Load; readonly tell: TellEvent; readonly log: Log }) {
    this.#load = deps.load
    this.#tell = deps.tell
    this.#log = deps.log
  }

  async start(): Promise<void> {
    this.look()
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS)
    this.#timer.unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
  }

  /** Looks now. */
  look(): void {
    try {
      const { sessions, maxSessions, workers } = this.#load()
      const workersCapacity = workers.reduce((sum, { capacity }) => sum + capacity, 0)
      const facts = { sessions, maxSessions, workers: workers.length, workersCapacity }
      const told = JSON.stringify(facts)
      if (told === this.#told) return
      this.#told = told
      this.#tell({ type: 'load_changed', ...facts })
    } catch (error) {
      this.#log.warn('the load could not be told', { error: errorText(error) })
    }
  }
}
