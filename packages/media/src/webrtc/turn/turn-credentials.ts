import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

const NONCE_LIFE_MS = 3600_000

export type TurnCredentials = { readonly username: string; readonly credential: string }

/**
 * Names and passwords that hold for a time, and the nonces of the server: nothing is remembered, everything follows from one secret.
 * A name is `<seconds since 1970>:<random>`, its password the HMAC of it, as the draft "A REST API For Access To TURN Services" has them.
 */
export class TurnAuth {
  readonly realm: string
  readonly #lifeMs: number
  readonly #secret: Uint8Array
  readonly #now: () => number

  constructor(options: {
    readonly realm: string
    /** How long a name holds for new allocations, in milliseconds. */
    readonly lifeMs: number
    readonly secret?: Uint8Array
    readonly now?: () => number
  }) {
    this.realm = options.realm
    this.#lifeMs = options.lifeMs
    this.#secret = options.secret ?? randomBytes(32)
    this.#now = options.now ?? Date.now
  }

  /** For one session of a client. */
  issue(): TurnCredentials {
    const username = `${Math.floor((this.#now() + this.#lifeMs) / 1_000)}:${randomBytes(9).toString('base64url')}`
    return { username, credential: this.#passwordOf(username) }
  }

  /** The key that messages of this name are signed with (RFC 8489, section 9.2.2). */
  keyOf(username: string): Uint8Array {
    return createHash('md5')
      .update(`${username}:${this.realm}:${this.#passwordOf(username)}`)
      .digest()
  }

  /** False for a name that was never given out in this form or whose time is over. */
  isCurrent(username: string): boolean {
    const [, until = ''] = /^(\d{1,12}):[\w-]{12}$/.exec(username) ?? []
    return until !== '' && Number(until) * 1_000 > this.#now()
  }

  /** Told to a client that has none or an old one; it holds for an hour and for this address only. */
  nonce(client: string): string {
    const until = (this.#now() + NONCE_LIFE_MS).toString(36)
    return `${until}-${this.#nonceMac(until, client)}`
  }

  isFresh(nonce: string, client: string): boolean {
    const [, until = '', mac = ''] = /^([0-9a-z]{1,12})-([\w-]{16})$/.exec(nonce) ?? []
    if (until === '' || !(Number.parseInt(until, 36) > this.#now())) return false
    return timingSafeEqual(Buffer.from(mac), Buffer.from(this.#nonceMac(until, client)))
  }

  #nonceMac(until: string, client: string): string {
    return createHmac('sha256', this.#secret).update(`nonce ${until} ${client}`).digest('base64url').slice(0, 16)
  }

  #passwordOf(username: string): string {
    return createHmac('sha1', this.#secret).update(username).digest('base64')
  }
}
