import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { errorText, MillraceError } from '@millrace/base'
import { type Database, diskError, openSqlite } from '@millrace/base/node'

/** The layout version of the folder; a program refuses folders of another. */
export const DATA_FOLDER_VERSION = 1

/**
 * A data folder of one network that belongs to this process until it is closed.
 * Layout: version, lock.sqlite, chain/, logs/, nodes/<name>/{keystore, store.sqlite, cert.pem, key.pem}.
 */
export class DataFolder implements Disposable {
  readonly path: string
  readonly #lock: Database

  private constructor(path: string, lock: Database) {
    this.path = path
    this.#lock = lock
  }

  /**
   * Takes the folder, making it when it is missing.
   * Throws `data_folder_version`, `data_folder_in_use`, or a disk error that says what to do.
   */
  static open(path: string): DataFolder {
    try {
      mkdirSync(join(path, 'nodes'), { recursive: true, mode: 0o700 })
      mkdirSync(join(path, 'logs'), { recursive: true })
      checkWritable(path)
    } catch (cause) {
      throw diskError(cause, path)
    }
    checkVersion(path)
    return new DataFolder(path, takeLock(path))
  }

  /** The folder of one node. */
  node(name: string): string {
    const folder = join(this.path, 'nodes', name)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return folder
  }

  get chain(): string {
    return join(this.path, 'chain')
  }

  get logs(): string {
    return join(this.path, 'logs')
  }

  close(): void {
    this.#lock.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

function checkVersion(path: string): void {
  const file = join(path, 'version')
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw diskError(cause, file)
    writeFileSync(file, `${DATA_FOLDER_VERSION}\n`)
    return
  }
  if (text !== String(DATA_FOLDER_VERSION))
    throw new MillraceError(
      'data_folder_version',
      `the data folder ${path} has version ${text.slice(0, 20)}, this program uses ${DATA_FOLDER_VERSION}: use the program that wrote it, or another --data-dir, or --fresh`,
    )
}

/** An exclusive SQLite handle is a lock that the system releases however the process ends. */
function takeLock(path: string): Database {
  const db = openSqlite(join(path, 'lock.sqlite'), [])
  try {
    db.exec('PRAGMA journal_mode=DELETE; PRAGMA busy_timeout=0; PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE')
    return db
  } catch (cause) {
    db.close()
    if (/locked|busy/i.test(errorText(cause)))
      throw new MillraceError(
        'data_folder_in_use',
        `the data folder ${path} is in use by another millrace: stop that one, or choose another --data-dir`,
        { cause },
      )
    throw diskError(cause, path)
  }
}

/** A full or read-only disk is found here, before anything is half-written. */
function checkWritable(path: string): void {
  const probe = openSync(join(path, '.write-test'), 'w')
  try {
    writeSync(probe, Buffer.alloc(64 * 1024))
  } finally {
    closeSync(probe)
  }
}
