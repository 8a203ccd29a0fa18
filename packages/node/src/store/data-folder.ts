import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode, MillraceError } from '@millrace/base'
import { diskError, takeFileLock } from '@millrace/base/node'

/** The layout version of the folder; a program refuses folders of another. */
export const DATA_FOLDER_VERSION = 1

/**
 * A data folder of one network that belongs to this process until it is closed.
 * Layout: version, lock.sqlite, chain/, logs/, nodes/<name>/{keystore, store.sqlite, cert.pem, key.pem}.
 */
export class DataFolder implements Disposable {
  readonly path: string
  readonly #lock: { close(): void }

  private constructor(path: string, lock: { close(): void }) {
    this.path = path
    this.#lock = lock
  }

  /**
   * Takes the folder, making it when it is missing.
   * Throws `data_folder_version`, `data_folder_in_use`, or a disk error that says what to do.
   */
  static open(path: string): DataFolder {
    return DataFolder.openAnyVersion(path, () => checkVersion(path))
  }

  /** Takes the folder whatever its version, for whoever is about to empty it. */
  static openAnyVersion(path: string, check: () => void = () => {}): DataFolder {
    try {
      mkdirSync(join(path, 'nodes'), { recursive: true, mode: 0o700 })
      mkdirSync(join(path, 'logs'), { recursive: true })
      checkWritable(path)
    } catch (cause) {
      throw diskError(cause, path)
    }
    check()
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

/** The part of a data folder that one node of a process of its own owns. */
export type NodeFolder = Disposable & { readonly path: string; close(): void }

const SHARED_TRIES = 40
const SHARED_PAUSE_MS = 50

/**
 * Takes the folder of one node, so that processes of several roles can share a data folder while two of the same role cannot.
 * Throws `data_folder_in_use` also when a whole network (`millrace up`) owns the data folder.
 */
export async function openNodeFolder(path: string, name: string): Promise<NodeFolder> {
  using whole = await openForAMoment(path)
  const folder = whole.node(name)
  const lock = takeLock(folder)
  return { path: folder, close: () => lock.close(), [Symbol.dispose]: () => lock.close() }
}

/** Another node may be looking at this very moment; a network keeps the folder for good. */
async function openForAMoment(path: string): Promise<DataFolder> {
  for (let tries = 1; ; tries++) {
    try {
      return DataFolder.open(path)
    } catch (error) {
      if (!hasCode(error, 'data_folder_in_use') || tries >= SHARED_TRIES) throw error
      await new Promise((resolve) => setTimeout(resolve, SHARED_PAUSE_MS * (0.5 + Math.random())))
    }
  }
}

function checkVersion(path: string): void {
  const file = join(path, 'version')
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw diskError(cause, file)
    // In one step: another node of the same folder may be reading.
    const temporary = `${file}.${process.pid}`
    writeFileSync(temporary, `${DATA_FOLDER_VERSION}\n`)
    renameSync(temporary, file)
    return
  }
  if (text !== String(DATA_FOLDER_VERSION))
    throw new MillraceError(
      'data_folder_version',
      `the data folder ${path} has version ${text.slice(0, 20)}, this program uses ${DATA_FOLDER_VERSION}: use the program that wrote it, or another --data-dir, or --fresh`,
    )
}

function takeLock(path: string): { close(): void } {
  let lock: { close(): void } | undefined
  try {
    lock = takeFileLock(join(path, 'lock.sqlite'))
  } catch (cause) {
    throw diskError(cause, path)
  }
  if (lock) return lock
  throw new MillraceError(
    'data_folder_in_use',
    `the data folder ${path} is in use by another millrace: stop that one, or choose another --data-dir`,
  )
}

/** A full or read-only disk is found here, before anything is half-written. */
function checkWritable(path: string): void {
  const probe = join(path, '.write-test')
  try {
    writeFileSync(probe, Buffer.alloc(1024 * 1024))
  } finally {
    rmSync(probe, { force: true })
  }
}
