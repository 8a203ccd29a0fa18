import { randomBytes } from 'node:crypto'
import type { Dirent } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { MillraceError } from '@millrace/base'
import { diskError } from '@millrace/base/node'
import { checkObjectKey, encodeObjectKey } from './object-key.ts'
import type { ObjectStore } from './object-store.ts'

/** Half-written files of a process that was killed are thrown away when they are so old. */
const LEFT_OVER_MS = 3_600_000
/** A key that is a folder, or lies below a file, is no object. */
const NOT_THERE = new Set(['ENOENT', 'ENOTDIR', 'EISDIR'])

/**
 * Keeps objects as files below a folder. A new one is written under another name, put on the disk and renamed,
 * so that a full disk or a crash never harms an old one. Throws the errors of a disk (`disk_full`, `read_only_disk`, …).
 */
export class FolderStore implements ObjectStore {
  readonly about: string
  readonly #root: string
  readonly #baseUrl: string

  /** `baseUrl` is where others fetch the objects; file:// when left out. */
  constructor(options: { readonly path: string; readonly baseUrl?: string }) {
    this.#root = resolve(options.path)
    this.about = this.#root
    this.#baseUrl = options.baseUrl ?? pathToFileURL(this.#root).href
  }

  async save(key: string, data: Uint8Array): Promise<string> {
    const path = this.#path(key)
    const folder = dirname(path)
    const temporary = join(folder, `.${randomBytes(6).toString('hex')}.tmp`)
    try {
      await mkdir(folder, { recursive: true })
      const file = await open(temporary, 'wx', 0o644)
      try {
        await file.writeFile(data)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(temporary, path)
      await syncFolder(folder)
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => {})
      throw diskError(cause, path)
    }
    return `${this.#baseUrl}/${encodeObjectKey(key)}`
  }

  async read(
    key: string,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Uint8Array | undefined> {
    try {
      return await readFile(this.#path(key), { signal: options.signal })
    } catch (cause) {
      options.signal?.throwIfAborted()
      if (NOT_THERE.has((cause as NodeJS.ErrnoException).code ?? '')) return undefined
      throw cause instanceof MillraceError ? cause : diskError(cause, key)
    }
  }

  async remove(key: string): Promise<void> {
    try {
      await rm(this.#path(key), { force: true })
    } catch (cause) {
      if (!NOT_THERE.has((cause as NodeJS.ErrnoException).code ?? '')) throw diskError(cause, key)
    }
  }

  async list(prefix: string): Promise<string[]> {
    const slash = prefix.lastIndexOf('/')
    const inside = slash < 0 ? '' : checkObjectKey(prefix.slice(0, slash))
    const keys = await this.#walk(inside)
    return keys.filter((key) => key.startsWith(prefix)).sort()
  }

  async #walk(inside: string): Promise<string[]> {
    let entries: Dirent[]
    try {
      entries = await readdir(join(this.#root, inside), { withFileTypes: true })
    } catch (cause) {
      if (NOT_THERE.has((cause as NodeJS.ErrnoException).code ?? '')) return []
      throw diskError(cause, join(this.#root, inside))
    }
    const keys: string[] = []
    for (const entry of entries) {
      const key = inside === '' ? entry.name : `${inside}/${entry.name}`
      if (/^\..*\.tmp$/.test(entry.name)) await this.#throwAwayOld(key)
      else if (entry.isDirectory()) keys.push(...(await this.#walk(key)))
      else if (entry.isFile()) keys.push(key)
    }
    return keys
  }

  async #throwAwayOld(temporary: string): Promise<void> {
    const path = join(this.#root, temporary)
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }))
    if (Date.now() - mtimeMs > LEFT_OVER_MS) await rm(path, { force: true }).catch(() => {})
  }

  #path(key: string): string {
    return join(this.#root, checkObjectKey(key).split('/').join(sep))
  }
}

/** The name of a new file is on the disk when its folder is; systems that cannot do that do it by themselves. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  if (!handle) return
  try {
    await handle.sync()
  } catch {
    // The object is there; only its name may be lost when the power fails in the next seconds.
  } finally {
    await handle.close()
  }
}
