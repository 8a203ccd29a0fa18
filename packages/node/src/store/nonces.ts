import type { BlockNumber } from '@millrace/base'
import { type Database, transaction } from '@millrace/base/node'
import type { NonceClaim, NonceEntry, NonceTable } from '@millrace/payments'

/** Used sender nonces on SQLite, so that a restarted orchestrator takes no ticket twice. */
export class TicketNonceTable implements NonceTable {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  async claim(entries: readonly NonceEntry[]): Promise<readonly NonceClaim[]> {
    if (entries.length === 0) return []
    return transaction(this.#db, () => entries.map((entry) => this.#claim(entry)))
  }

  async purgeExpired(block: BlockNumber): Promise<void> {
    this.#db.prepare('DELETE FROM ticket_nonces WHERE expiration_block <= ?').run(Number(block))
  }

  #claim({ recipientRandHash, senderNonce, expirationBlock, most }: NonceEntry): NonceClaim {
    const seen = this.#db
      .prepare('SELECT 1 FROM ticket_nonces WHERE recipient_rand_hash = ? AND sender_nonce = ?')
      .get(recipientRandHash, senderNonce)
    if (seen) return 'seen'
    const { count } = this.#db
      .prepare('SELECT count(*) AS count FROM ticket_nonces WHERE recipient_rand_hash = ?')
      .get(recipientRandHash) as { count: number }
    if (count >= most) return 'full'
    this.#db
      .prepare('INSERT INTO ticket_nonces VALUES (?, ?, ?)')
      .run(recipientRandHash, senderNonce, Number(expirationBlock))
    return 'new'
  }
}
