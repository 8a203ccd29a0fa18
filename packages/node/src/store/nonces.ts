import type { BlockNumber } from '@millrace/base'
import { type Database, transaction } from '@millrace/base/node'
import type { NonceClaim, NonceEntry, NonceTable } from '@millrace/payments'

type Statement = ReturnType<Database['prepare']>

/** Used sender nonces on SQLite, so that a restarted orchestrator takes no ticket twice. */
export class TicketNonceTable implements NonceTable {
  readonly #db: Database
  readonly #statements: Record<'seen' | 'count' | 'insert' | 'purge', Statement>

  constructor(db: Database) {
    this.#db = db
    this.#statements = {
      seen: db.prepare('SELECT 1 FROM ticket_nonces WHERE recipient_rand_hash = ? AND sender_nonce = ?'),
      count: db.prepare('SELECT count(*) AS count FROM ticket_nonces WHERE recipient_rand_hash = ?'),
      insert: db.prepare('INSERT INTO ticket_nonces VALUES (?, ?, ?)'),
      purge: db.prepare('DELETE FROM ticket_nonces WHERE expiration_block <= ?'),
    }
  }

  async claim(entries: readonly NonceEntry[]): Promise<readonly NonceClaim[]> {
    if (entries.length === 0) return []
    return transaction(this.#db, () => entries.map((entry) => this.#claim(entry)))
  }

  async purgeExpired(block: BlockNumber): Promise<void> {
    this.#statements.purge.run(Number(block))
  }

  #claim({ recipientRandHash, senderNonce, expirationBlock, most }: NonceEntry): NonceClaim {
    const { seen, count, insert } = this.#statements
    if (seen.get(recipientRandHash, senderNonce)) return 'seen'
    if ((count.get(recipientRandHash) as { count: number }).count >= most) return 'full'
    insert.run(recipientRandHash, senderNonce, Number(expirationBlock))
    return 'new'
  }
}
