import type { Clock } from '@millrace/base'

const FIRST_MS = 5_000
const LONGEST_MS = 5 * 60_000
/** After so many failures in a row the circuit is open. */
const BROKEN_AFTER = 3

type Entry = { until: number; strikes: number }

/** Keeps orchestrators that failed out of the choice for a while; each further failure doubles the time, each success halves the memory of it. */
export class Suspensions {
  readonly #clock: Clock
  readonly #entries = new Map<string, Entry>()

  constructor(deps: { readonly clock: Clock }) {
    this.#clock = deps.clock
  }

  /** Suspends an orchestrator; returns for how many milliseconds. */
  suspend(orchestrator: string): number {
    const strikes = (this.#entries.get(orchestrator)?.strikes ?? 0) + 1
    const ms = Math.min(LONGEST_MS, FIRST_MS * 2 ** (strikes - 1))
    this.#entries.set(orchestrator, { until: this.#clock.now() + ms, strikes })
    return ms
  }

  succeed(orchestrator: string): void {
    const entry = this.#entries.get(orchestrator)
    if (!entry) return
    const strikes = Math.floor(entry.strikes / 2)
    if (strikes === 0) this.#entries.delete(orchestrator)
    else this.#entries.set(orchestrator, { until: 0, strikes })
  }

  isSuspended(orchestrator: string): boolean {
    return (this.#entries.get(orchestrator)?.until ?? 0) > this.#clock.now()
  }

  /** True while an orchestrator is suspended for failing again and again: it is worth one segment at a time at most. */
  isBroken(orchestrator: string): boolean {
    return (this.#entries.get(orchestrator)?.strikes ?? 0) >= BROKEN_AFTER && this.isSuspended(orchestrator)
  }
}
