import type { Clock } from '@millrace/base'
import type { RunnerState } from '../runners/runner.ts'
import type { LiveRun } from './live-runner.ts'

/** A container that was given a stream says so by then; one that says IDLE for longer has not begun. */
const BEGIN_WITHIN_MS = 15_000
/** A container whose channels have ended is asked so often, and waited for so long, until it is free. */
const ASK_EVERY_MS = 500
const LEAVE_WITHIN_MS = 10_000

/** A stream that a container works on, as far as its health tells. */
export class AiRunnerLiveSession implements LiveRun {
  readonly ended: Promise<string>
  readonly #clock: Clock
  readonly #health: () => Promise<RunnerState>
  /** Whether IDLE means that this stream is over. */
  readonly #settles: boolean
  readonly #began: number
  #isBusy = false
  #stopping: Promise<void> | undefined
  #end: (why: string) => void = () => {}

  constructor(given: {
    readonly clock: Clock
    readonly health: () => Promise<RunnerState>
    readonly settles: boolean
  }) {
    this.#clock = given.clock
    this.#health = given.health
    this.#settles = given.settles
    this.#began = given.clock.elapsed()
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  /** What the container said when it was asked. */
  observed(state: RunnerState): void {
    if (state === 'ERROR') this.#end('its runner failed')
    else if (state !== 'IDLE') this.#isBusy = true
    else if (this.#isBusy || this.#stopping) this.#end('its runner has ended it')
    else if (this.#clock.elapsed() - this.#began > BEGIN_WITHIN_MS) this.#end('its runner did not begin')
  }

  lost(why: string): void {
    this.#end(why)
  }

  /** A container is stopped by the end of its channels, which whoever calls this has ended; resolves when it is free, or after ten seconds. */
  stop(): Promise<void> {
    this.#stopping ??= this.#leave()
    return this.#stopping
  }

  async #leave(): Promise<void> {
    let over = false
    void this.ended.then(() => {
      over = true
    })
    const until = this.#clock.elapsed() + LEAVE_WITHIN_MS
    while (this.#settles && !over && this.#clock.elapsed() < until) {
      await this.#clock.sleep(ASK_EVERY_MS)
      await this.#health().catch(() => this.#end('it was stopped, and its runner does not answer'))
    }
    this.#end('it was stopped')
    await this.ended
  }
}
