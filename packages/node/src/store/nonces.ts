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
      insert: db.prepare('INSERT INTO ticket_nonces VALUES (?, ?, ?) ON CONFLICT DO NOTHING'),
      purge: db.prepare('DELETE FROM ticket_nonces WHERE expiration_block <= ?'),
    }
  }

  async claim(entries: readonly NonceEntry[]): Promise<readonly NonceClaim[]> {
    if (entries.length === 0) return []
    // All nonces of a recipientRand are counted once a payment: there may be hundreds.
    const counts = new Map<string, number>()
    return transaction(this.#db, () => entries.map((entry) => this.#claim(entry, counts)))
  }

  async purgeExpired(block: BlockNumber): Promise<void> {
    this.#statements.purge.run(Number(block))
  }

  #claim(
    { recipientRandHash, senderNonce, expirationBlock, most }: NonceEntry,
    counts: Map<string, number>,
  ): NonceClaim {
    const { seen, count, insert } = this.#statements
    const known = counts.get(recipientRandHash) ?? (count.get(recipientRandHash) as { count: number }).count
    if (known >= most) return seen.get(recipientRandHash, senderNonce) ? 'seen' : 'full'
    const { changes } = insert.run(recipientRandHash, senderNonce, Number(expirationBlock))
    counts.set(recipientRandHash, known + Number(changes))
    return changes === 0 ? 'seen' : 'new'
  }
}
