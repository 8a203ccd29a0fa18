import type { Clock } from '@millrace/base'

const FIRST_MS = 5_000
const LONGEST_MS = 5 * 60_000
/** After so many failures in a row the circuit is open. */
const BROKEN_AFTER = 3
/** In so much time half of the failures are forgotten. */
const HALF_LIFE_MS = 10 * 60_000

export type Suspension = {
  /** When that was begun which failed. */
  readonly begunMs?: number | undefined
  /** As many failures as it counts for. */
  readonly strikes?: number
}

type Entry = { until: number; strikes: number; sinceMs: number }

/**
 * Keeps orchestrators that failed out of the choice for a while; each further failure doubles the time.
 * Each success halves the memory of it, and so do ten minutes.
 */
export class Suspensions {
  readonly #clock: Clock
  readonly #entries = new Map<string, Entry>()

  constructor(deps: { readonly clock: Clock }) {
    this.#clock = deps.clock
  }

  /**
   * Suspends an orchestrator; returns for how many milliseconds.
   * What was begun before it was suspended and fails after that is the same failure: four segments that were under way are not four.
   */
  suspend(orchestrator: string, { begunMs = Number.POSITIVE_INFINITY, strikes: more = 1 }: Suspension = {}): number {
    const now = this.#clock.elapsed()
    const known = this.#entries.get(orchestrator)
    if (known && known.until > now && begunMs < known.sinceMs) return known.until - now
    const strikes = (known ? this.#remembered(known) : 0) + more
    const ms = Math.min(LONGEST_MS, FIRST_MS * 2 ** (strikes - 1))
    this.#entries.set(orchestrator, { until: now + ms, strikes, sinceMs: now })
    return ms
  }

  succeed(orchestrator: string): void {
    const entry = this.#entries.get(orchestrator)
    if (!entry) return
    const strikes = Math.floor(this.#remembered(entry) / 2)
    if (strikes === 0) this.#entries.delete(orchestrator)
    else this.#entries.set(orchestrator, { until: 0, strikes, sinceMs: entry.sinceMs })
  }

  isSuspended(orchestrator: string): boolean {
    return (this.#entries.get(orchestrator)?.until ?? 0) > this.#clock.elapsed()
  }

  /** True while an orchestrator is suspended for failing again and again: it is worth one segment at a time at most. */
  isBroken(orchestrator: string): boolean {
    return (this.#entries.get(orchestrator)?.strikes ?? 0) >= BROKEN_AFTER && this.isSuspended(orchestrator)
  }

  /** Forgets everything about an orchestrator. */
  forget(orchestrator: string): void {
    this.#entries.delete(orchestrator)
  }

  #remembered({ strikes, until, sinceMs }: Entry): number {
    const quiet = Math.max(0, this.#clock.elapsed() - Math.max(until, sinceMs))
    return Math.floor(strikes / 2 ** Math.floor(quiet / HALF_LIFE_MS))
  }
}
