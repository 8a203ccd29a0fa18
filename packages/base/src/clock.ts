/** The time, as a port, so that logic can be tested without waiting. */
export type Clock = {
  /** Milliseconds since the Unix epoch, as the machine has it: it may jump. For what is kept or told to others. */
  now(): number
  /** Milliseconds that go on evenly whatever becomes of the machine's clock; only differences mean anything. For durations. */
  elapsed(): number
  /** Resolves after the time, or rejects with the signal's reason when it aborts first. */
  sleep(ms: number, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => Math.floor(performance.timeOrigin + performance.now()),
  sleep: (ms, options) =>
    new Promise((resolve, reject) => {
      const signal = options?.signal
      if (signal?.aborted) return reject(signal.reason)
      const onAbort = () => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }, ms)
      signal?.addEventListener('abort', onAbort, { once: true })
    }),
}

/** A clock that stands still until it is told to advance; sleepers wake in order. */
export class ManualClock implements Clock {
  #now: number
  /** How far the machine's clock was set away from the time that passed. */
  #skew = 0
  #sleepers: { at: number; wake: () => void }[] = []

  constructor(startMs = 0) {
    this.#now = startMs
  }

  now(): number {
    return this.#now + this.#skew
  }

  elapsed(): number {
    return this.#now
  }

  /** Sets the machine's clock forward, or back, while no time passes. */
  skew(ms: number): void {
    this.#skew += ms
  }

  sleep(ms: number, options?: { readonly signal?: AbortSignal | undefined }): Promise<void> {
    return new Promise((resolve, reject) => {
      const signal = options?.signal
      if (signal?.aborted) return reject(signal.reason)
      const onAbort = () => {
        this.#sleepers = this.#sleepers.filter((s) => s !== sleeper)
        reject(signal?.reason)
      }
      const wake = () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      const sleeper = { at: this.#now + ms, wake }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** Moves time forward and lets everything that became due run. */
  async advance(ms: number): Promise<void> {
    this.#now += ms
    const due = this.#sleepers.filter((s) => s.at <= this.#now).sort((a, b) => a.at - b.at)
    this.#sleepers = this.#sleepers.filter((s) => s.at > this.#now)
    for (const sleeper of due) sleeper.wake()
    for (let i = 0; i < 10; i++) await Promise.resolve()
  }
}
