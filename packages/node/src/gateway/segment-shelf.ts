import { errorText, type Log } from '@millrace/base'
import type { ObjectStore } from '@millrace/media'
import type { ManifestId } from '@millrace/wire'

export type ShelvedSegment = {
  readonly seq: number
  readonly container: 'mpegts' | 'mp4'
  readonly data: Uint8Array
}

/** The segments of one run of a stream in the store of -objectStore. */
export class SegmentShelf {
  readonly #prefix: string
  readonly #store: ObjectStore
  readonly #log: Log

  /** `run` tells apart streams that had one name, one after the other. */
  constructor(
    options: { readonly manifestId: ManifestId; readonly run: string },
    deps: { readonly store: ObjectStore; readonly log: Log },
  ) {
    this.#prefix = `${options.manifestId}/${options.run}`
    this.#store = deps.store
    this.#log = deps.log
  }

  /** Saves a segment; resolves with the address for players, or undefined when it is not there and must come from this gateway. Never rejects. */
  async put(track: string, { seq, container, data }: ShelvedSegment): Promise<string | undefined> {
    const [extension, contentType] = container === 'mp4' ? ['mp4', 'video/mp4'] : ['ts', 'video/mp2t']
    try {
      const url = await this.#store.save(`${this.#prefix}/${track}/${seq}.${extension}`, data, { contentType })
      if (url.startsWith('ipfs://')) return `/ipfs/${url.slice('ipfs://'.length)}`
      // The files and the memory of this machine are nobody's address.
      return /^https?:/.test(url) ? url : undefined
    } catch (error) {
      this.#log.warn('a segment was not put into the object store; players get it from here', {
        seq,
        track,
        error: errorText(error),
      })
      return undefined
    }
  }
}
