import type { Clock } from '@millrace/base'
import type { EvidenceDoor } from '../links/ports.ts'
import { decodeEvidence } from './evidence.ts'

export type EvidenceStoreOptions = {
  /** Evidence is forgotten after so long. Default a day: the windows of a dispute take hours. */
  readonly keepMs?: number
  /** All evidence together. Default 256 MB; what comes last is refused beyond it. */
  readonly maxBytes?: number
}

export type EvidenceStoreDeps = {
  /** Whether an open dispute on the chain is about evidence of this name. */
  readonly wanted: (key: string) => Promise<boolean>
  readonly clock: Clock
}

/** Evidence in memory. It takes nothing but what an open dispute is about, and what has the hashes that the dispute names. */
export class EvidenceStore implements EvidenceDoor {
  readonly #keepMs: number
  readonly #maxBytes: number
  readonly #deps: EvidenceStoreDeps
  readonly #kept = new Map<string, { readonly bytes: Uint8Array; readonly untilMs: number }>()

  constructor(options: EvidenceStoreOptions, deps: EvidenceStoreDeps) {
    this.#keepMs = options.keepMs ?? 24 * 3600_000
    this.#maxBytes = options.maxBytes ?? 256 * 1024 * 1024
    this.#deps = deps
  }

  async wants(key: string): Promise<boolean> {
    this.#forget()
    return !this.#kept.has(key) && (await this.#deps.wanted(key))
  }

  /** Throws `bad_evidence`; false when there is no room. The caller has asked `wants` before. */
  put(key: string, bytes: Uint8Array): boolean {
    decodeEvidence(bytes, key)
    this.#forget()
    if (this.#kept.has(key)) return true
    const total = [...this.#kept.values()].reduce((sum, one) => sum + one.bytes.length, 0)
    if (total + bytes.length > this.#maxBytes) return false
    this.#kept.set(key, { bytes, untilMs: this.#deps.clock.elapsed() + this.#keepMs })
    return true
  }

  get(key: string): Uint8Array | undefined {
    this.#forget()
    return this.#kept.get(key)?.bytes
  }

  #forget(): void {
    const now = this.#deps.clock.elapsed()
    for (const [key, { untilMs }] of this.#kept) if (untilMs <= now) this.#kept.delete(key)
  }
}
