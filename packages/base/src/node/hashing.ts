import { Worker } from 'node:worker_threads'
import { MillraceError } from '../errors.ts'
import { keccak256 } from '../keccak.ts'
import type { Part } from '../lifecycle.ts'
import { builtFile } from './built-file.ts'

/** Up to this size a hash is made at once; larger inputs go to the hashing thread. */
export const MAX_MAIN_THREAD_HASH_BYTES = 64 * 1024

type Pending = { resolve(hash: Uint8Array): void; reject(error: unknown): void }

/** Keccak-256 of media bytes in a thread of its own, so that the main thread never stalls on a large segment. */
export class Hashing implements Part {
  readonly name = 'hashing'
  #worker: Worker | undefined
  #nextId = 1
  #stopped = false
  readonly #pending = new Map<number, Pending>()

  /** The hash of the bytes; the bytes are copied to the thread and stay the caller's. */
  async keccak256(bytes: Uint8Array): Promise<Uint8Array> {
    if (bytes.length <= MAX_MAIN_THREAD_HASH_BYTES) return keccak256(bytes)
    if (this.#stopped) throw new MillraceError('hashing_stopped', 'the hashing thread was stopped')
    const worker = this.#open()
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      worker.ref()
      worker.postMessage({ id, bytes })
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    const worker = this.#worker
    this.#worker = undefined
    this.#fail(new MillraceError('hashing_stopped', 'the hashing thread was stopped'))
    await worker?.terminate()
  }

  #open(): Worker {
    if (this.#worker) return this.#worker
    const worker = new Worker(builtFile(import.meta.url, './hash-worker.js'))
    worker.on('message', ({ id, hash }: { id: number; hash: Uint8Array }) => {
      const pending = this.#pending.get(id)
      this.#pending.delete(id)
      // An idle thread must not keep the process alive; one with work must.
      if (this.#pending.size === 0) worker.unref()
      pending?.resolve(new Uint8Array(hash.buffer, hash.byteOffset, hash.byteLength))
    })
    worker.on('error', (cause) => {
      if (this.#worker === worker) this.#worker = undefined
      this.#fail(new MillraceError('hashing_failed', 'the hashing thread failed', { cause, retryable: true }))
    })
    worker.unref()
    this.#worker = worker
    return worker
  }

  #fail(error: MillraceError): void {
    for (const pending of this.#pending.values()) pending.reject(error)
    this.#pending.clear()
  }
}
