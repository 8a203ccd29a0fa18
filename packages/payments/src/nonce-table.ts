import type { BlockNumber, Hex } from '@millrace/base'
import type { NonceClaim, NonceEntry, NonceTable } from './ports.ts'

/** A nonce table that forgets at the end of the process. */
export class MemoryNonceTable implements NonceTable {
  readonly #seen = new Map<Hex, { expirationBlock: BlockNumber; nonces: Set<number> }>()

  async claim(entries: readonly NonceEntry[]): Promise<readonly NonceClaim[]> {
    return entries.map((entry) => this.#claim(entry))
  }

  #claim(entry: NonceEntry): NonceClaim {
    const known = this.#seen.get(entry.recipientRandHash)
    if (known?.nonces.has(entry.senderNonce)) return 'seen'
    if ((known?.nonces.size ?? 0) >= entry.most) return 'full'
    if (known) known.nonces.add(entry.senderNonce)
    else
      this.#seen.set(entry.recipientRandHash, {
        expirationBlock: entry.expirationBlock,
        nonces: new Set([entry.senderNonce]),
      })
    return 'new'
  }

  async purgeExpired(block: BlockNumber): Promise<void> {
    for (const [hash, { expirationBlock }] of this.#seen) if (expirationBlock <= block) this.#seen.delete(hash)
  }
}
