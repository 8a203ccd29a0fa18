const KEEP_PER_FOLDER = 12
const MAX_BYTES = 512 * 1024 * 1024

type StoredObject = { readonly contentType: string; readonly data: Uint8Array }

/**
 * Renditions that wait for their gateway, in memory: the last 12 of each folder, and at most 512 MB in all.
 * Paths are /stream/<session>/<profile>/<seq>.ts (wire spec 3.3).
 */
export class RenditionStore {
  readonly #folders = new Map<string, Map<string, StoredObject>>()
  #bytes = 0

  put(folder: string, name: string, object: StoredObject): void {
    const files = this.#folders.get(folder) ?? new Map<string, StoredObject>()
    // The folder used last goes to the end, so that the oldest is dropped first.
    this.#folders.delete(folder)
    this.#folders.set(folder, files)
    this.#drop(files, name)
    files.set(name, object)
    this.#bytes += object.data.length
    while (files.size > KEEP_PER_FOLDER) this.#drop(files, files.keys().next().value as string)
    while (this.#bytes > MAX_BYTES && this.#folders.size > 1)
      this.removeFolder(this.#folders.keys().next().value as string)
    // One folder may be beyond the bound alone; the latest rendition stays in any case.
    while (this.#bytes > MAX_BYTES && files.size > 1) this.#drop(files, files.keys().next().value as string)
  }

  get(path: string): StoredObject | undefined {
    const slash = path.lastIndexOf('/')
    return this.#folders.get(path.slice(0, slash))?.get(path.slice(slash + 1))
  }

  /** Forgets a folder and those below it. */
  removeFolder(prefix: string): void {
    for (const [folder, files] of this.#folders) {
      if (folder !== prefix && !folder.startsWith(`${prefix}/`)) continue
      for (const object of files.values()) this.#bytes -= object.data.length
      this.#folders.delete(folder)
    }
  }

  #drop(files: Map<string, StoredObject>, name: string): void {
    const object = files.get(name)
    if (!object) return
    files.delete(name)
    this.#bytes -= object.data.length
  }
}
