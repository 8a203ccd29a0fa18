import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

const MAX_BYTES = 1 << 20
const HEAD = 16
const NAME = 64

/**
 * A thread that ends the process when one input has not been answered for ten seconds, and tells which:
 * an endless loop would otherwise only be seen as a run that never ends.
 */
export class Watchdog {
  readonly #shared = new SharedArrayBuffer(HEAD + NAME + MAX_BYTES)
  readonly #head = new Int32Array(this.#shared, 0, HEAD / 4)
  readonly #bytes = new Uint8Array(this.#shared)
  readonly #worker: Worker

  constructor() {
    const corpus = fileURLToPath(new URL('corpus', import.meta.url))
    this.#worker = new Worker(new URL('watchdog-thread.js', import.meta.url), {
      workerData: { shared: this.#shared, head: HEAD, name: NAME, corpus },
    })
    this.#worker.unref()
  }

  begin(target: string, input: Uint8Array): void {
    const name = Buffer.from(target)
    this.#bytes.fill(0, HEAD, HEAD + NAME)
    this.#bytes.set(name.subarray(0, NAME), HEAD)
    this.#bytes.set(input.subarray(0, MAX_BYTES), HEAD + NAME)
    this.#head[1] = Math.min(MAX_BYTES, input.length)
    Atomics.add(this.#head, 0, 1)
    Atomics.store(this.#head, 2, 1)
  }

  end(): void {
    Atomics.store(this.#head, 2, 0)
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }
}
