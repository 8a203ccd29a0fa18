import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import type { ManifestId, SessionId } from '../identifiers.ts'
import { isViewerId, type ViewerId } from '../messages/distribution.ts'

/** What a viewer may have of an edge. */
export type ViewerGrant = {
  readonly viewer: ViewerId
  /** Seconds since the Unix epoch. */
  readonly expiration: number
  /** Bytes in all, those that other tokens of the viewer paid for included. */
  readonly maxBytes: number
}

/** What a token is good for: one stream in one session with one edge. */
export type ViewerScope = { readonly sessionId: SessionId; readonly manifestId: ManifestId }

const GRANT_BYTES = 8 + 4 + 6
const TOKEN_BYTES = GRANT_BYTES + 64
/** Characters of a token. */
export const VIEWER_TOKEN_LENGTH = Math.ceil((TOKEN_BYTES * 4) / 3)

/**
 * Signs what viewers may have, with a key of its own that nobody else has: an edge can check tokens but not make any,
 * so that it cannot invent viewers. The key lasts as long as the session with the edge.
 */
export class ViewerTokenSigner {
  readonly #key: KeyObject
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    this.#key = privateKey
    this.publicKey = new Uint8Array(Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'))
  }

  sign(scope: ViewerScope, { viewer, expiration, maxBytes }: ViewerGrant): string {
    const grant = Buffer.alloc(GRANT_BYTES)
    grant.write(viewer, 0, 'hex')
    grant.writeUInt32BE(expiration, 8)
    grant.writeUIntBE(maxBytes, 12, 6)
    return Buffer.concat([grant, sign(null, messageOf(scope, grant), this.#key)]).toString('base64url')
  }
}

/** Checks the tokens of one session. */
export class ViewerTokenVerifier {
  readonly #scope: ViewerScope
  readonly #key: KeyObject

  constructor(scope: ViewerScope, publicKey: Uint8Array) {
    this.#scope = scope
    const x = Buffer.from(publicKey).toString('base64url')
    this.#key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  }

  /** What the token grants, whether or not it has expired; undefined for one that the gateway did not sign for this session and stream. */
  verify(token: string): ViewerGrant | undefined {
    const bytes = Buffer.from(token, 'base64url')
    // Other spellings of the same bytes are other tokens: what remembers tokens must not be filled with them.
    if (bytes.length !== TOKEN_BYTES || bytes.toString('base64url') !== token) return undefined
    const grant = bytes.subarray(0, GRANT_BYTES)
    if (!verify(null, messageOf(this.#scope, grant), this.#key, bytes.subarray(GRANT_BYTES))) return undefined
    const viewer = grant.toString('hex', 0, 8)
    if (!isViewerId(viewer)) return undefined
    return { viewer, expiration: grant.readUInt32BE(8), maxBytes: grant.readUIntBE(12, 6) }
  }
}

const messageOf = ({ sessionId, manifestId }: ViewerScope, grant: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from(`Millrace viewer\n${sessionId}\n${manifestId}\n`), grant])
