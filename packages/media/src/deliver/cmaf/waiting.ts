/** What a waiting request gets in the end. */
export type Waited = 'there' | 'late' | 'full' | 'gone'

type Waiter = { readonly holds: () => boolean; readonly settle: (how: Waited) => void }

/** Requests that wait for something to be made, bounded in time and, over all streams together, in number: anybody may ask. */
export class Waiting {
  readonly #room: { left: number }
  readonly #waiters = new Set<Waiter>()

  constructor(room: { left: number }) {
    this.#room = room
  }

  /** Resolves when it holds, `late` when it does not in time, and `full` at once when too many wait already. */
  until(
    holds: () => boolean,
    options: { readonly ms: number; readonly signal?: AbortSignal | undefined },
  ): Promise<Waited> {
    if (holds()) return Promise.resolve('there')
    if (this.#room.left <= 0) return Promise.resolve('full')
    if (options.signal?.aborted) return Promise.resolve('gone')
    this.#room.left--
    return new Promise((resolve) => {
      const waiter: Waiter = {
        holds,
        settle: (how) => {
          if (!this.#waiters.delete(waiter)) return
          this.#room.left++
          clearTimeout(timer)
          options.signal?.removeEventListener('abort', gone)
          resolve(how)
        },
      }
      const gone = () => waiter.settle('gone')
      const timer = setTimeout(() => waiter.settle('late'), options.ms)
      timer.unref()
      options.signal?.addEventListener('abort', gone, { once: true })
      this.#waiters.add(waiter)
    })
  }

  /** Something changed: everybody looks again. */
  wake(): void {
    for (const waiter of [...this.#waiters]) if (waiter.holds()) waiter.settle('there')
  }

  /** Nothing more comes. */
  release(): void {
    for (const waiter of [...this.#waiters]) waiter.settle('gone')
  }
}
