/** Bytes that come in pieces of any size, taken in pieces of the reader's size. */
export class ByteReader {
  readonly #iterator: AsyncIterator<Uint8Array>
  #rest: Uint8Array = new Uint8Array(0)

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#iterator = chunks[Symbol.asyncIterator]()
  }

  /** The first bytes without taking them; fewer where the stream is shorter. */
  async peek(count: number): Promise<Uint8Array> {
    while (this.#rest.length < count) {
      const next = await this.#iterator.next()
      if (next.done) break
      this.#rest = Buffer.concat([this.#rest, next.value])
    }
    return this.#rest.subarray(0, count)
  }

  /** At least one byte and at most so many; undefined at the end. */
  async read(most: number): Promise<Uint8Array | undefined> {
    while (this.#rest.length === 0) {
      const next = await this.#iterator.next()
      if (next.done) return undefined
      this.#rest = next.value
    }
    const taken = this.#rest.subarray(0, most)
    this.#rest = this.#rest.subarray(taken.length)
    return taken
  }

  async close(): Promise<void> {
    await this.#iterator.return?.()
  }
}
