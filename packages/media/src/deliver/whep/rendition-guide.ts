import type { Quality } from './rtp-writer.ts'

/** Loss that a viewer does not see, because it asks again. */
const CLEAN = 0.02
/** Loss that asking again does not mend. */
const BAD = 0.1
/** Reports in a row that are bad before a lower rendition is shown. */
const BAD_REPORTS = 3
/** How long everything must be well before a higher one is tried; longer each time that it went wrong. */
const UP_AFTER_MS = 10_000
const UP_AFTER_MOST_MS = 160_000

/** Chooses what a viewer is shown by how well it arrives: down after three bad reports, up after a while without one. */
export class RenditionGuide {
  readonly #bandwidths: readonly number[]
  #current = 0
  #bad = 0
  #cleanSinceMs: number | undefined
  #upAfterMs = UP_AFTER_MS
  #wentUpMs: number | undefined

  /** Bit rates of the renditions, best first. */
  constructor(bandwidths: readonly number[]) {
    this.#bandwidths = bandwidths
  }

  /** The place of the rendition to show. */
  get current(): number {
    return this.#current
  }

  hear({ lost, capacityBps }: Quality, nowMs: number): void {
    const needs = this.#bandwidths[this.#current]!
    const tooNarrow = capacityBps !== undefined && capacityBps < needs * 0.6
    if (lost > BAD || (tooNarrow && lost > CLEAN)) this.#bad++
    else this.#bad = 0
    if (lost > CLEAN) this.#cleanSinceMs = undefined
    else this.#cleanSinceMs ??= nowMs
    if (this.#bad >= BAD_REPORTS) this.#down(nowMs)
    else if (this.#cleanSinceMs !== undefined && nowMs - this.#cleanSinceMs >= this.#upAfterMs) this.#up(nowMs)
  }

  #down(nowMs: number): void {
    this.#bad = 0
    this.#cleanSinceMs = undefined
    // A step up that did not hold is not soon tried again.
    if (this.#wentUpMs !== undefined && nowMs - this.#wentUpMs < 2 * UP_AFTER_MS)
      this.#upAfterMs = Math.min(UP_AFTER_MOST_MS, this.#upAfterMs * 2)
    this.#current = Math.min(this.#current + 1, this.#bandwidths.length - 1)
  }

  #up(nowMs: number): void {
    this.#cleanSinceMs = nowMs
    if (this.#current === 0) return
    this.#wentUpMs = nowMs
    this.#current--
  }
}
