/** So many lines are kept for who comes late, and for readers who are slow. */
const KEPT = 100

type Reader = { readonly waiting: string[]; wake: (() => void) | undefined }

/** Lines that an app emits, for all who read them: each reader begins with the latest one and loses the oldest where it is too slow. */
export class DataFeed {
  readonly #readers = new Set<Reader>()
  #last: string | undefined
  #ended = false

  push(line: string): void {
    this.#last = line
    for (const reader of this.#readers) {
      reader.waiting.push(line)
      if (reader.waiting.length > KEPT) reader.waiting.shift()
      reader.wake?.()
    }
  }

  /** Readers get what waits for them, and then the end. */
  end(): void {
    this.#ended = true
    for (const { wake } of this.#readers) wake?.()
  }

  async *read({ signal }: { readonly signal: AbortSignal }): AsyncGenerator<string> {
    const reader: Reader = { waiting: this.#last === undefined ? [] : [this.#last], wake: undefined }
    this.#readers.add(reader)
    const onAbort = () => reader.wake?.()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      while (!signal.aborted) {
        const line = reader.waiting.shift()
        if (line !== undefined) {
          yield line
          continue
        }
        if (this.#ended) return
        await new Promise<void>((resolve) => {
          reader.wake = resolve
        })
        reader.wake = undefined
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
      this.#readers.delete(reader)
    }
  }
}
