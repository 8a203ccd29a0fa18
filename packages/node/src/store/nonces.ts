import type { BlockNumber, Hex } from '@millrace/base'
import { type Database, transaction } from '@millrace/base/node'
import type { NonceClaim, NonceEntry, NonceTable } from '@millrace/payments'

type Statement = ReturnType<Database['prepare']>
type Row = { position: number; recipient_rand_hash: Hex; expiration_block: number; sender_nonces: string }
/** The nonces of one recipientRand that a payment was the first to bring. */
type Fresh = { readonly expirationBlock: number; readonly nonces: number[] }
/** A payment whose nonces are taken and not yet on disk. */
type Waiting = {
  readonly fresh: ReadonlyMap<Hex, Fresh>
  readonly claims: readonly NonceClaim[]
  resolve(claims: readonly NonceClaim[]): void
  reject(error: unknown): void
}

/**
 * Used sender nonces on SQLite, so that a restarted orchestrator takes no ticket twice.
 * What is used is looked up in memory; the file is a journal with one row for a payment, read once at the start.
 * Payments that arrive together wait for the disk once. Nobody else may write this table while it is open.
 */
export class TicketNonceTable implements NonceTable {
  readonly #db: Database
  readonly #statements: Record<'insert' | 'purge', Statement>
  readonly #used = new Map<Hex, { readonly expirationBlock: number; readonly nonces: Set<number> }>()
  #position: number
  #waiting: Waiting[] = []

  constructor(db: Database) {
    this.#db = db
    this.#statements = {
      insert: db.prepare('INSERT INTO used_nonces VALUES (?, ?, ?, ?)'),
      purge: db.prepare('DELETE FROM used_nonces WHERE expiration_block <= ?'),
    }
    this.#position = 0
    for (const row of db.prepare('SELECT * FROM used_nonces').iterate() as Iterable<Row>) {
      const { nonces } = this.#known(row.recipient_rand_hash, row.expiration_block)
      for (const nonce of row.sender_nonces.split(',')) nonces.add(Number(nonce))
      this.#position = Math.max(this.#position, row.position + 1)
    }
  }

  claim(entries: readonly NonceEntry[]): Promise<readonly NonceClaim[]> {
    if (entries.length === 0) return Promise.resolve([])
    const fresh = new Map<Hex, Fresh>()
    const claims = entries.map((entry) => this.#claim(entry, fresh))
    return new Promise((resolve, reject) => {
      // Whoever was read from the network in the same turn of the event loop shares one write.
      if (this.#waiting.push({ fresh, claims, resolve, reject }) === 1) setImmediate(() => this.#write())
    })
  }

  async purgeExpired(block: BlockNumber): Promise<void> {
    const last = Number(block)
    const expired = [...this.#used].filter(([, { expirationBlock }]) => expirationBlock <= last)
    if (expired.length === 0) return
    this.#statements.purge.run(last)
    for (const [hash] of expired) this.#used.delete(hash)
  }

  #claim({ recipientRandHash, senderNonce, expirationBlock, most }: NonceEntry, fresh: Map<Hex, Fresh>): NonceClaim {
    const known = this.#known(recipientRandHash, Number(expirationBlock))
    if (known.nonces.has(senderNonce)) return 'seen'
    if (known.nonces.size >= most) return 'full'
    known.nonces.add(senderNonce)
    const taken = fresh.get(recipientRandHash)
    if (taken) taken.nonces.push(senderNonce)
    else fresh.set(recipientRandHash, { expirationBlock: known.expirationBlock, nonces: [senderNonce] })
    return 'new'
  }

  #known(recipientRandHash: Hex, expirationBlock: number) {
    const known = this.#used.get(recipientRandHash)
    if (known) return known
    const first = { expirationBlock, nonces: new Set<number>() }
    this.#used.set(recipientRandHash, first)
    return first
  }

  /** Writes what waits and answers, also those who were told "seen": what they were told of may not be on disk before. */
  #write(): void {
    const waiting = this.#waiting
    this.#waiting = []
    try {
      const rows = waiting.flatMap(({ fresh }) => [...fresh])
      if (rows.length === 1) this.#insert(rows[0]!)
      else if (rows.length > 1)
        transaction(this.#db, () => {
          for (const row of rows) this.#insert(row)
        })
      for (const { claims, resolve } of waiting) resolve(claims)
    } catch (error) {
      // Not on disk is not used: the sender may send the same tickets again.
      for (const { fresh } of waiting) this.#forget(fresh)
      for (const { reject } of waiting) reject(error)
    }
  }

  #insert([recipientRandHash, { expirationBlock, nonces }]: readonly [Hex, Fresh]): void {
    this.#statements.insert.run(expirationBlock, this.#position++, recipientRandHash, nonces.join(','))
  }

  #forget(fresh: ReadonlyMap<Hex, Fresh>): void {
    for (const [hash, { nonces }] of fresh) {
      const known = this.#used.get(hash)
      for (const nonce of nonces) known?.nonces.delete(nonce)
      if (known?.nonces.size === 0) this.#used.delete(hash)
    }
  }
}
