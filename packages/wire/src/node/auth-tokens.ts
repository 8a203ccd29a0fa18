import { randomBytes } from 'node:crypto'
import { bigintToBytes, equalBytes, utf8 } from '@millrace/base'
import { type SessionId, sessionId } from '../identifiers.ts'
import { AUTH_TOKEN_VALIDITY_S, type AuthToken } from '../messages/authToken.ts'
import { hmacSha256 } from './signing.ts'

/** The HMAC of a token: session id ‖ expiration as minimal big-endian seconds. */
export const authTokenMac = (secret: Uint8Array, id: SessionId, expirationS: number): Uint8Array =>
  hmacSha256(secret, utf8(id), bigintToBytes(BigInt(expirationS)))

/** What is wrong with a presented token; the texts for peers are in PEER_ERROR. */
export type AuthTokenFault = 'missing' | 'invalid' | 'expired'

/** Issues and checks the tokens of one orchestrator. Without a kept secret they do not outlive the process. */
export class AuthTokens {
  readonly #secret: Uint8Array
  readonly #now: () => number

  constructor(options: { readonly secret?: Uint8Array /** Milliseconds. */; readonly now?: () => number } = {}) {
    this.#secret = options.secret ?? randomBytes(32)
    this.#now = options.now ?? Date.now
  }

  /** A token for a new session, or for the given one. */
  issue(id: SessionId = sessionId(randomBytes(4).toString('hex'))): AuthToken {
    const expiration = Math.floor(this.#now() / 1000) + AUTH_TOKEN_VALIDITY_S
    return { token: authTokenMac(this.#secret, id, expiration), sessionId: id, expiration }
  }

  /** What is wrong with the token, or undefined. Ending a session passes `ignoreExpiry`, as upstream does not look at it there. */
  fault(token: AuthToken | undefined, options: { readonly ignoreExpiry?: boolean } = {}): AuthTokenFault | undefined {
    if (!token) return 'missing'
    if (!equalBytes(token.token, authTokenMac(this.#secret, token.sessionId, token.expiration))) return 'invalid'
    return !options.ignoreExpiry && token.expiration <= this.#now() / 1000 ? 'expired' : undefined
  }
}
