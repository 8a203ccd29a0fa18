import { MillraceError } from '@millrace/base'
import { checkObjectKey, encodeObjectKey } from './object-key.ts'
import type { ObjectStore } from './object-store.ts'

/** Keeps objects in memory, the oldest ones making room for new ones. */
export class MemoryStore implements ObjectStore {
  readonly about = 'memory'
  readonly #maxBytes: number
  readonly #baseUrl: string
  readonly #objects = new Map<string, Uint8Array>()
  #bytes = 0

  constructor(options: { readonly maxBytes?: number; readonly baseUrl?: string } = {}) {
    this.#maxBytes = options.maxBytes ?? 256 * 1024 * 1024
    this.#baseUrl = options.baseUrl ?? 'memory:'
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Throws `object_too_large` when the object alone is larger than the store. */
  async save(key: string, data: Uint8Array): Promise<string> {
    checkObjectKey(key)
    if (data.length > this.#maxBytes)
      throw new MillraceError(
        'object_too_large',
        `an object of ${data.length} bytes does not fit into ${this.#maxBytes}`,
      )
    this.#forget(key)
    for (const oldest of this.#objects.keys()) {
      if (this.#bytes + data.length <= this.#maxBytes) break
      this.#forget(oldest)
    }
    // What the caller does to his bytes afterwards is not to change the object.
    this.#objects.set(key, data.slice())
    this.#bytes += data.length
    return `${this.#baseUrl}/${encodeObjectKey(key)}`
  }

  async read(key: string): Promise<Uint8Array | undefined> {
    return this.#objects.get(key)
  }

  async remove(key: string): Promise<void> {
    this.#forget(key)
  }

  async list(prefix: string): Promise<string[]> {
    return [...this.#objects.keys()].filter((key) => key.startsWith(prefix)).sort()
  }

  #forget(key: string): void {
    this.#bytes -= this.#objects.get(key)?.length ?? 0
    this.#objects.delete(key)
  }
}
