/** Lets frames go at the speed of a clock, and never more of them than the reader takes. */
export class Pace {
  readonly #realtime: boolean
  #credit: number
  #waiting: (() => void) | undefined
  #startedAt: number | undefined
  #origin = 0

  constructor(options: { readonly realtime: boolean; readonly credit: number }) {
    this.#realtime = options.realtime
    this.#credit = options.credit
  }

  /** The reader took one. */
  more(): void {
    this.#credit++
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.()
  }

  /** Resolves when a frame of this time (90 kHz ticks) may go; takes one credit. */
  async turn(ticks: number): Promise<void> {
    while (this.#credit <= 0)
      await new Promise<void>((resolve) => {
        this.#waiting = resolve
      })
    this.#credit--
    if (!this.#realtime) return
    const now = performance.now()
    const due = (ticks - this.#origin) / 90
    // A clock that jumped, or a machine that slept, starts the pace anew instead of racing to catch up.
    if (this.#startedAt === undefined || Math.abs(now - this.#startedAt - due) > 3_000) {
      this.#startedAt = now
      this.#origin = ticks
      return
    }
    const wait = this.#startedAt + due - now
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait))
  }
}
