import type { Database } from '@millrace/base/node'

/** Small facts of a node, such as its genesis fingerprint and the last block it saw. */
export class KeyValueTable {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  get(key: string): string | undefined {
    return (this.#db.prepare('SELECT value FROM kv WHERE key = ?').get(key) as { value: string } | undefined)?.value
  }

  set(key: string, value: string): void {
    this.#db
      .prepare('INSERT INTO kv (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value')
      .run(key, value)
  }
}
