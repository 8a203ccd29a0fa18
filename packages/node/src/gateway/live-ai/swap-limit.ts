/** A swap that comes within this of the one before counts with it. */
const RECENT_MS = 3 * 60_000
const MAX_RECENT = 2

/** Bounds how often a stream goes to another orchestrator: after a third time in a row the fault is likely its own (ai spec 8.5). */
export class SwapLimit {
  #lastMs: number
  #recent = 0

  constructor(nowMs: number) {
    this.#lastMs = nowMs
  }

  /** True where it may be done once more; counts it. */
  take(nowMs: number): boolean {
    this.#recent = nowMs - this.#lastMs < RECENT_MS ? this.#recent + 1 : 1
    if (this.#recent > MAX_RECENT) return false
    this.#lastMs = nowMs
    return true
  }
}
