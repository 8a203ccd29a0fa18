import type { Database } from '@millrace/base/node'
import { type Address, encodeSegmentCommitment, type SignedSegmentCommitment } from '@millrace/wire'

/** How long receipts are kept: past every dispute window. */
const KEEP_MS = 14 * 24 * 3600_000

/** What orchestrators signed for: the receipt of a gateway and the evidence in a dispute. */
export class CommitmentTable {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  put(signed: SignedSegmentCommitment, atMs: number): void {
    this.#db
      .prepare(
        'INSERT OR REPLACE INTO commitments (manifest_id, seq, session_id, at_ms, orchestrator, commitment) VALUES (?, ?, ?, ?, ?, ?)',
      )
      .run(signed.manifestId, signed.seq, signed.sessionId, atMs, signed.recipient, encodeSegmentCommitment(signed))
  }

  /** Commitments of an orchestrator that are kept. */
  count(orchestrator: Address): number {
    const row = this.#db.prepare('SELECT count(*) AS count FROM commitments WHERE orchestrator = ?').get(orchestrator)
    return (row as { count: number }).count
  }

  purge(nowMs: number): void {
    this.#db.prepare('DELETE FROM commitments WHERE at_ms < ?').run(nowMs - KEEP_MS)
  }
}
