import type { Log, Part } from '@millrace/base'

const TICK_MS = 500
/** A node that does nothing else for so long is late with segments and answers. */
const LATE_MS = 2_000

/**
 * Tells in the log when this process did nothing but one thing for two seconds or more, which its design never asks for.
 * What stands still for good answers /healthz no more, by which a supervisor ends it.
 */
export class LoopWatch implements Part {
  readonly name = 'loop-watch'
  readonly #log: Log
  #timer: ReturnType<typeof setInterval> | undefined
  #stalls = 0

  constructor(deps: { readonly log: Log }) {
    this.#log = deps.log
  }

  /** How often the process stood still. */
  get stalls(): number {
    return this.#stalls
  }

  async start(): Promise<void> {
    let last = performance.now()
    this.#timer = setInterval(() => {
      const now = performance.now()
      const lateMs = Math.round(now - last - TICK_MS)
      last = now
      if (lateMs < LATE_MS) return
      this.#stalls++
      this.#log.warn('the process stood still: one thing kept it from everything else', { lateMs })
    }, TICK_MS)
    this.#timer.unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
  }
}
