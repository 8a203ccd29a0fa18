import { MillraceError } from '@millrace/base'
import type { S3Store } from '@millrace/media'
import type { ManifestId, SessionId, StorageInfo } from '@millrace/wire'

/** Orchestrators may put results for so long: whoever has the grant can also replace what he put. */
const GRANT_S = 600

/** The bucket into which orchestrators put the results of a session, each below a prefix of its own (wire spec 3.6). */
export class ResultStore {
  readonly #store: S3Store

  constructor(store: S3Store) {
    this.#store = store
  }

  /** What goes with a segment, so that its orchestrator puts the results into the bucket. */
  offer(manifestId: ManifestId, sessionId: SessionId): StorageInfo {
    return { type: 's3', s3: this.#store.grant(prefixOf(manifestId, sessionId), { expiresS: GRANT_S }) }
  }

  /** The key of a result of this session; undefined for any other address. */
  keyOf(url: string, manifestId: ManifestId, sessionId: SessionId): string | undefined {
    const key = this.#store.keyOf(url)
    return key?.startsWith(`${prefixOf(manifestId, sessionId)}/`) ? key : undefined
  }

  /** Throws `rendition_missing` when nothing was put there. */
  async read(key: string, options: { readonly maxBytes: number; readonly signal: AbortSignal }): Promise<Uint8Array> {
    const data = await this.#store.read(key, options)
    if (!data) throw new MillraceError('rendition_missing', 'a rendition is not in the bucket', { retryable: true })
    if (data.length > options.maxBytes)
      throw new MillraceError('body_too_large', `a rendition is larger than ${options.maxBytes} bytes`)
    return data
  }
}

/** Sessions are named by orchestrators, and not every name can be a part of a key. */
const prefixOf = (manifestId: ManifestId, sessionId: SessionId): string =>
  `${manifestId}/${encodeURIComponent(sessionId).slice(0, 180).replace(/^\./, '%2E')}`
