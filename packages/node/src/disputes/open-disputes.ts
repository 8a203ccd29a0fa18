import type { Clock } from '@millrace/base'
import { disputeCount, getDispute, getDisputeEvidence, type Verifier } from '@millrace/chain'
import { evidenceKey } from './evidence.ts'

/** A stranger's question must not make this node ask its chain more often. */
const REFRESH_MS = 1_000
/** Disputes that are looked at in one refresh; the oldest are over first. */
const MAX_OPEN = 200

/** What the open disputes on the chain are about. */
export class OpenDisputes {
  readonly #verifier: Verifier
  readonly #clock: Clock
  readonly #keys = new Map<bigint, string>()
  #first = 1n
  #readAtMs = Number.NEGATIVE_INFINITY
  #reading: Promise<void> | undefined

  constructor(deps: { readonly verifier: Verifier; readonly clock: Clock }) {
    this.#verifier = deps.verifier
    this.#clock = deps.clock
  }

  async wanted(key: string): Promise<boolean> {
    if (!this.#has(key) && this.#clock.elapsed() - this.#readAtMs >= REFRESH_MS) {
      this.#reading ??= this.#read().finally(() => {
        this.#reading = undefined
      })
      await this.#reading
    }
    return this.#has(key)
  }

  #has(key: string): boolean {
    return [...this.#keys.values()].includes(key)
  }

  async #read(): Promise<void> {
    this.#readAtMs = this.#clock.elapsed()
    const count = await disputeCount(this.#verifier)
    let allDone = true
    for (let id = this.#first; id <= count && id < this.#first + BigInt(MAX_OPEN); id++) {
      const { outcome } = await getDispute(this.#verifier, id)
      if (outcome !== 'open') {
        this.#keys.delete(id)
        if (allDone) this.#first = id + 1n
        continue
      }
      allDone = false
      if (!this.#keys.has(id)) this.#keys.set(id, evidenceKey(await getDisputeEvidence(this.#verifier, id)))
    }
  }
}
