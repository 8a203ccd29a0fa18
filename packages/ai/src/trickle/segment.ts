/** One segment of a channel: written piece by piece, and read by many while that goes on. */
export class TrickleSegment {
  readonly seq: number
  readonly #chunks: Uint8Array[] = []
  readonly #wakers = new Set<() => void>()
  readonly #onClose: (() => void)[] = []
  #bytes = 0
  #closed = false

  readonly #onWrite: (bytes: number) => void

  constructor(seq: number, onWrite: (bytes: number) => void = () => {}) {
    this.seq = seq
    this.#onWrite = onWrite
  }

  get bytes(): number {
    return this.#bytes
  }

  get closed(): boolean {
    return this.#closed
  }

  /** What is written after the end is for those who come later: a publisher that was cut off goes on where it stopped. */
  write(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    this.#onWrite(chunk.length)
    this.#wake()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#wake()
    for (const listener of this.#onClose.splice(0)) listener()
  }

  /** Called once, at the end. Returns what takes the listener back. */
  onClose(listener: () => void): () => void {
    this.#onClose.push(listener)
    return () => {
      const at = this.#onClose.indexOf(listener)
      if (at >= 0) this.#onClose.splice(at, 1)
    }
  }

  /** All of it from the beginning, as it comes; ends when the segment does, or at once when the signal aborts. */
  async *read({ signal }: { readonly signal?: AbortSignal | undefined } = {}): AsyncGenerator<Uint8Array> {
    for (let at = 0; !signal?.aborted; ) {
      const chunk = this.#chunks[at]
      if (chunk) {
        at++
        yield chunk
      } else if (this.#closed) return
      else await this.#more(signal)
    }
  }

  #more(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#wakers.delete(done)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      this.#wakers.add(done)
      signal?.addEventListener('abort', done, { once: true })
    })
  }

  #wake(): void {
    for (const wake of [...this.#wakers]) wake()
  }
}
