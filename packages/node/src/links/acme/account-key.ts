import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto'

/** The public half of an account's key, as RFC 7517 writes it: an ECDSA key on P-256. */
export type AccountJwk = { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }

/** A message that carries its own signature (RFC 7515, flattened), the only form that an ACME server reads. */
export type SignedMessage = { readonly protected: string; readonly payload: string; readonly signature: string }

/** An account elsewhere that the certificate authority wants this one bound to (RFC 8555, section 7.3.4). */
export type ExternalAccount = {
  readonly keyId: string /** In base64url, as authorities hand it out. */
  readonly key: string
}

/** The key of an account with a certificate authority; it never leaves this machine. */
export class AccountKey {
  readonly #key: KeyObject
  readonly jwk: AccountJwk

  private constructor(key: KeyObject) {
    this.#key = key
    const { x = '', y = '' } = createPublicKey(key).export({ format: 'jwk' })
    this.jwk = { kty: 'EC', crv: 'P-256', x: String(x), y: String(y) }
  }

  static make(): AccountKey {
    return new AccountKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
  }

  /** Throws for what is no private key on P-256 in PEM. */
  static fromPem(pem: string): AccountKey {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Error('expected an ECDSA key on P-256')
    return new AccountKey(key)
  }

  toPem(): string {
    return this.#key.export({ format: 'pem', type: 'pkcs8' }).toString()
  }

  /** What a challenge answers, beside its token (RFC 7638: the members in the order of their names). */
  get thumbprint(): string {
    const { crv, kty, x, y } = this.jwk
    return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
  }

  /** Signs a request; `payload` undefined asks for a resource (RFC 8555, section 6.3). */
  sign(
    head: { readonly url: string; readonly nonce: string; readonly account?: string },
    payload: unknown,
  ): SignedMessage {
    const { url, nonce, account } = head
    const who = account === undefined ? { jwk: this.jwk } : { kid: account }
    const message = unsigned({ alg: 'ES256', ...who, nonce, url }, payload === undefined ? '' : JSON.stringify(payload))
    const signature = sign('sha256', signedBytes(message), { key: this.#key, dsaEncoding: 'ieee-p1363' })
    return { ...message, signature: signature.toString('base64url') }
  }

  /** Says with the other account's key that this key is its own. */
  bind({ keyId, key }: ExternalAccount, url: string): SignedMessage {
    const message = unsigned({ alg: 'HS256', kid: keyId, url }, JSON.stringify(this.jwk))
    const signature = createHmac('sha256', Buffer.from(key, 'base64url')).update(signedBytes(message))
    return { ...message, signature: signature.digest('base64url') }
  }
}

const unsigned = (head: object, payload: string) => ({
  protected: Buffer.from(JSON.stringify(head)).toString('base64url'),
  payload: Buffer.from(payload).toString('base64url'),
})

const signedBytes = (message: { readonly protected: string; readonly payload: string }): Buffer =>
  Buffer.from(`${message.protected}.${message.payload}`)
