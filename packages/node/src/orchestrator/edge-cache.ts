import { hasCode, MillraceError } from '@millrace/base'
import { type GuardedOptions, guardedRequest } from '@millrace/base/node'

export type EdgeCacheOptions = {
  /** Bytes that are kept; what was asked for least lately goes first. */
  readonly maxBytes: number
  /** True where gateways may be on this machine and its network. */
  readonly allowPrivate: boolean
  /** Bytes of one object. Default 64 MB. */
  readonly maxObjectBytes?: number
  /** Pulls at once. Default 128. */
  readonly maxPulls?: number
}

const MAX_OBJECT_BYTES = 64 << 20
const MAX_PULLS = 128
const MAX_OBJECTS = 50_000
/** An object takes as much beside its bytes. */
const OVERHEAD_BYTES = 500
/** The next part of a stream is waited for at the gateway, for three segments at most. */
const HEAD_TIMEOUT_MS = 20_000
const TIMEOUT_MS = 40_000
/** What was not there a moment ago is not asked for again. */
const MISSING_MS = 500
const MAX_MISSING = 5_000

/** What is pulled from gateways, in memory. Whoever asks for what is on its way waits for the same pull. */
export class EdgeCache {
  readonly #options: EdgeCacheOptions
  readonly #objects = new Map<string, Uint8Array>()
  readonly #pulls = new Map<string, Promise<Uint8Array | undefined>>()
  readonly #missing = new Map<string, number>()
  #bytes = 0
  /** Bytes that were pulled in all. */
  pulledBytes = 0

  constructor(options: EdgeCacheOptions) {
    this.#options = options
  }

  get bytes(): number {
    return this.#bytes
  }

  /**
   * The object of a session at a path of its gateway; undefined when the gateway has none.
   * Throws `edge_busy`, or what `guardedRequest` throws.
   */
  get(
    session: { readonly sessionId: string; readonly origin: string; readonly signal: AbortSignal },
    path: string,
  ): Promise<Uint8Array | undefined> {
    const key = `${session.sessionId}${path}`
    const kept = this.#objects.get(key)
    if (kept) {
      this.#objects.delete(key)
      this.#objects.set(key, kept)
      return Promise.resolve(kept)
    }
    const pull = this.#pulls.get(key)
    if (pull) return pull
    const missed = this.#missing.get(key)
    if (missed !== undefined && performance.now() - missed < MISSING_MS) return Promise.resolve(undefined)
    if (this.#pulls.size >= (this.#options.maxPulls ?? MAX_PULLS))
      return Promise.reject(
        new MillraceError('edge_busy', 'this orchestrator fetches as much as it can at once: try again', {
          retryable: true,
        }),
      )
    const pulling = this.#pull(key, new URL(path, session.origin).href, session.signal).finally(() =>
      this.#pulls.delete(key),
    )
    this.#pulls.set(key, pulling)
    return pulling
  }

  /** Forgets what belongs to a session. */
  remove(sessionId: string): void {
    for (const [key, data] of this.#objects) {
      if (!key.startsWith(`${sessionId}/`)) continue
      this.#objects.delete(key)
      this.#bytes -= data.length + OVERHEAD_BYTES
    }
  }

  async #pull(key: string, url: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const { allowPrivate, maxObjectBytes = MAX_OBJECT_BYTES } = this.#options
    const options: GuardedOptions = {
      allowPrivate,
      headTimeoutMs: HEAD_TIMEOUT_MS,
      timeoutMs: TIMEOUT_MS,
      maxBytes: maxObjectBytes,
      maxRedirects: 0,
      signal,
    }
    try {
      const { body } = await guardedRequest(url, options)
      const pieces: Uint8Array[] = []
      for await (const piece of body) {
        pieces.push(piece)
        this.pulledBytes += piece.length
      }
      const data = new Uint8Array(Buffer.concat(pieces))
      if (!signal.aborted) this.#keep(key, data)
      return data
    } catch (error) {
      if (!(hasCode(error, 'address_refused') && (error as MillraceError).meta?.status === 404)) throw error
      this.#missing.delete(key)
      this.#missing.set(key, performance.now())
      const oldest = this.#missing.keys().next().value
      if (this.#missing.size > MAX_MISSING && oldest !== undefined) this.#missing.delete(oldest)
      return undefined
    }
  }

  #keep(key: string, data: Uint8Array): void {
    this.#objects.set(key, data)
    this.#bytes += data.length + OVERHEAD_BYTES
    for (const [oldest, old] of this.#objects) {
      if (this.#bytes <= this.#options.maxBytes && this.#objects.size <= MAX_OBJECTS) return
      this.#objects.delete(oldest)
      this.#bytes -= old.length + OVERHEAD_BYTES
    }
  }
}
