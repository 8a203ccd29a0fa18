import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite'
import { errorText, MillraceError } from '../errors.ts'

export type Database = DatabaseSyncInstance

/** One step of a schema; steps run once, in order, each in a transaction. */
export type Migration = string

/**
 * Opens a SQLite file in WAL mode with synchronous=FULL, so that what was acknowledged survives power loss, and brings its schema up to date.
 * Throws `store_newer` when a newer program wrote it, `store_unreadable` when it cannot be opened.
 */
export function openSqlite(path: string, migrations: readonly Migration[]): Database {
  let db: Database | undefined
  try {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    db = new DatabaseSync(path)
    db.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=5000;')
    migrate(db, path, migrations)
    return db
  } catch (cause) {
    db?.close()
    if (cause instanceof MillraceError) throw cause
    throw new MillraceError(
      'store_unreadable',
      `cannot open the store ${path}: ${errorText(cause)}. Move the file away to start with an empty one.`,
      {
        cause,
      },
    )
  }
}

/** Opens a SQLite file of another program, to read it only. Throws `store_unreadable`. */
export function openSqliteReadOnly(path: string): Database {
  let db: Database | undefined
  try {
    db = new DatabaseSync(path, { readOnly: true })
    db.exec('PRAGMA busy_timeout=5000')
    // A file that is no database is noticed by the first read.
    db.prepare('SELECT count(*) FROM sqlite_schema').get()
    return db
  } catch (cause) {
    db?.close()
    throw new MillraceError(
      'store_unreadable',
      `cannot read the database ${path}: ${errorText(cause)}: repair it, or move it away to go on without it`,
      { cause },
    )
  }
}

function migrate(db: Database, path: string, migrations: readonly Migration[]): void {
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number }
  if (version > migrations.length)
    throw new MillraceError(
      'store_newer',
      `the store ${path} has schema ${version}, this program knows up to ${migrations.length}: use the newer program that wrote it`,
    )
  for (let step = version; step < migrations.length; step++) {
    transaction(db, () => {
      db.exec(migrations[step]!)
      db.exec(`PRAGMA user_version=${step + 1}`)
    })
  }
}

/** Runs the work in one transaction: all of it or nothing. */
export function transaction<T>(db: Database, work: () => T): T {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    db.exec('ROLLBACK')
    throw error
  }
}

/**
 * Takes a file as a lock that belongs to this process until it is closed; the system releases it however the process ends.
 * Returns undefined when another process holds it.
 */
export function takeFileLock(path: string): { close(): void } | undefined {
  const db = new DatabaseSync(path)
  try {
    db.exec('PRAGMA busy_timeout=0; BEGIN EXCLUSIVE')
  } catch (cause) {
    db.close()
    if (/locked|busy/i.test(errorText(cause))) return undefined
    throw cause
  }
  return {
    close: () => {
      db.exec('ROLLBACK')
      db.close()
    },
  }
}
