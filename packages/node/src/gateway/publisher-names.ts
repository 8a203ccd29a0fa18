import { randomBytes } from 'node:crypto'
import { MillraceError } from '@millrace/base'
import { type Publication, parsePublishPath } from '@millrace/media'
import { isManifestId, type ManifestId, manifestId } from '@millrace/wire'
import type { StreamGrant } from './auth-webhook.ts'
import type { LiveStream, LiveStreams } from './live-streams.ts'

const MAX_GRANTS = 1_000

/** What a publisher asks for. */
type Asked = { readonly app: string; readonly name: string }

export type PublisherNamesDeps = {
  readonly streams: Pick<LiveStreams, 'get' | 'full'>
  /** Asks who says which streams may begin; without it all may. */
  readonly ask: ((url: string) => Promise<StreamGrant>) | undefined
}

/** Which name a publisher's stream has, whether it may have it, and what the webhook granted it until it begins. */
export class PublisherNames {
  readonly #takeover: boolean
  readonly #deps: PublisherNamesDeps
  /** By the path that is published to. */
  readonly #grants = new Map<string, StreamGrant>()
  /** Names of streams that are about to begin. */
  readonly #held = new Set<ManifestId>()

  constructor(options: { readonly takeover: boolean }, deps: PublisherNamesDeps) {
    this.#takeover = options.takeover
    this.#deps = deps
  }

  /** True where the stream waits for a publisher, or takes another one in place of its own. */
  mayJoin(live: LiveStream): boolean {
    if (!live.published) return false
    return live.publisher === undefined ? live.joining === 0 : this.#takeover
  }

  /** The name that a publisher's stream will have, if it is free and the webhook agrees; undefined where it has none of its own. */
  async admit(request: Asked, url: string): Promise<ManifestId | undefined> {
    const named = this.#freeName(request)
    const { ask } = this.#deps
    if (!ask) return named
    const grant = await ask(url)
    if (grant.manifestId !== undefined) this.checkFree(grant.manifestId)
    // Publishers that never begin must not fill the memory.
    const oldest = this.#grants.keys().next().value
    if (this.#grants.size >= MAX_GRANTS && oldest !== undefined) this.#grants.delete(oldest)
    this.#grants.set(publishPath(request), grant)
    return grant.manifestId ?? named
  }

  #freeName({ app, name }: Asked): ManifestId | undefined {
    const path = parsePublishPath(app, name)
    if (!path || (path.manifestId !== '' && !isManifestId(path.manifestId)))
      throw new MillraceError('bad_name', 'a stream name has letters, digits and _ - . ~ only')
    if (path.manifestId !== '') this.checkFree(path.manifestId as ManifestId)
    const { streams } = this.#deps
    if (!streams.get(path.manifestId as ManifestId) && streams.full)
      throw new MillraceError('stream_limit', 'max sessions exceeded', { retryable: true })
    return path.manifestId === '' ? undefined : (path.manifestId as ManifestId)
  }

  /** Throws `stream_exists`. */
  checkFree(id: ManifestId): void {
    const live = this.#deps.streams.get(id)
    if ((live && !this.mayJoin(live)) || this.#held.has(id))
      throw new MillraceError('stream_exists', `there is a live stream named ${id} already`)
  }

  /** What the webhook granted the publisher, once. */
  takeGrant(request: Asked): StreamGrant | undefined {
    const path = publishPath(request)
    const grant = this.#grants.get(path)
    this.#grants.delete(path)
    return grant
  }

  /** Keeps a name from others until the function that comes back is called. */
  hold(id: ManifestId): () => void {
    if (this.#held.has(id)) return () => {}
    this.#held.add(id)
    return () => void this.#held.delete(id)
  }

  /** The name that was published to, or a new one. */
  nameOf({ app, name }: Publication): ManifestId {
    const named = parsePublishPath(app, name)?.manifestId
    if (named) return manifestId(named)
    return manifestId(randomBytes(4).toString('hex'))
  }
}

const publishPath = ({ app, name }: Asked): string => `${app}/${name.split('?')[0]}`
