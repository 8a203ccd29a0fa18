import type { ServerResponse } from 'node:http'
import { MillraceError } from '@millrace/base'
import type { ManifestId } from '@millrace/wire'

/** Segments of one stream that may be uploaded or under way at once. */
const MAX_OF_STREAM = 16
/** Segments of all streams; each may hold hundreds of megabytes. */
const MAX_OF_GATEWAY = 256
/** No answer takes longer than this to be read. */
const READ_WITHIN_MS = 120_000

/** Counts the pushed segments that a gateway holds, so that publishers who push faster than anybody transcodes are told to wait instead of filling the memory. */
export class Admission {
  readonly #held = new Map<ManifestId, number>()
  #total = 0

  /** Takes a place for a segment before its body is read; throws `too_many_segments`. Call the result when the segment is done. */
  enter(manifestId: ManifestId): () => void {
    const held = this.#held.get(manifestId) ?? 0
    if (held >= MAX_OF_STREAM || this.#total >= MAX_OF_GATEWAY)
      throw new MillraceError('too_many_segments', `${held} segments of this stream are under way: push slower`, {
        retryable: true,
      })
    this.#held.set(manifestId, held + 1)
    this.#total++
    let left = false
    return () => {
      if (left) return
      left = true
      this.#total--
      const rest = (this.#held.get(manifestId) ?? 1) - 1
      if (rest > 0) this.#held.set(manifestId, rest)
      else this.#held.delete(manifestId)
    }
  }
}

/** Cuts off whoever does not read an answer to its end in time, because its segments stay in memory until then. */
export function cutSlowReader(response: ServerResponse, withinMs = READ_WITHIN_MS): void {
  const timer = setTimeout(() => response.destroy(), withinMs)
  timer.unref()
  response.once('close', () => clearTimeout(timer))
}
