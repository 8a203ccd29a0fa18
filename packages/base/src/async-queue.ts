import { MillraceError } from './errors.ts'

/**
 * A bounded queue between one or more producers and one consumer that reads it as an async iterable.
 * A producer that outruns the consumer gets an error from `push`, or waits with `pushWait`; memory never grows past `capacity`.
 */
export class AsyncQueue<T> implements AsyncIterable<T> {
  readonly #capacity: number
  #items: T[] = []
  #closed = false
  #error: unknown
  #readers: (() => void)[] = []
  #writers: (() => void)[] = []

  constructor(options: { readonly capacity: number }) {
    this.#capacity = options.capacity
  }

  get size(): number {
    return this.#items.length
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Adds an item; throws `queue_full` when the consumer is too far behind. Items pushed after close are dropped. */
  push(item: T): void {
    if (this.#closed) return
    if (this.#items.length >= this.#capacity)
      throw new MillraceError('queue_full', `queue is full (${this.#capacity} items): the consumer is too slow`, {
        retryable: true,
      })
    this.#items.push(item)
    this.#wake(this.#readers)
  }

  /** Adds an item as soon as there is room. */
  async pushWait(item: T, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    while (!this.#closed && this.#items.length >= this.#capacity) await this.#wait(this.#writers, options.signal)
    this.push(item)
  }

  /** Ends the iteration after the items already queued; with an error the consumer sees it thrown then. */
  close(error?: unknown): void {
    if (this.#closed) return
    this.#closed = true
    this.#error = error
    this.#wake(this.#readers)
    this.#wake(this.#writers)
  }

  /** Takes the next item, or undefined when the queue is closed and empty. */
  async next(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<T | undefined> {
    for (;;) {
      if (this.#items.length > 0) {
        const item = this.#items.shift()
        this.#wake(this.#writers)
        return item
      }
      if (this.#closed) {
        if (this.#error !== undefined) throw this.#error
        return undefined
      }
      await this.#wait(this.#readers, options.signal)
    }
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    for (;;) {
      const item = await this.next()
      if (item === undefined) return
      yield item
    }
  }

  #wake(waiting: (() => void)[]): void {
    for (const resolve of waiting.splice(0)) resolve()
  }

  #wait(waiting: (() => void)[], signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const onAbort = () => {
        const at = waiting.indexOf(done)
        if (at >= 0) waiting.splice(at, 1)
        reject(signal?.reason)
      }
      const done = () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      waiting.push(done)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }
}
