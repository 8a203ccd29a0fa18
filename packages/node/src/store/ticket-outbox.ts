import type { Hex } from '@millrace/base'
import type { Database } from '@millrace/base/node'

/** Winning tickets on their way to a redeemer of another process. */
export class TicketOutbox {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Keeps an encoded QueueTicket request; one that is known is left as it is. */
  put(hash: Hex, request: Uint8Array): void {
    this.#db
      .prepare('INSERT INTO ticket_outbox (hash, request) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING')
      .run(hash, request)
  }

  /** The oldest tickets that wait. */
  list(limit: number): readonly { readonly hash: Hex; readonly request: Uint8Array }[] {
    const rows = this.#db.prepare('SELECT hash, request FROM ticket_outbox ORDER BY position LIMIT ?').all(limit)
    return (rows as { hash: Hex; request: Uint8Array }[]).map(({ hash, request }) => ({
      hash,
      request: new Uint8Array(request),
    }))
  }

  remove(hash: Hex): void {
    this.#db.prepare('DELETE FROM ticket_outbox WHERE hash = ?').run(hash)
  }
}
