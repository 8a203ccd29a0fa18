import { createHmac } from 'node:crypto'
import { fromHex, type Hex, toHex } from '@millrace/base'
import { addressOfPublicKey, curve, isAboveHalfOrder, recoverHashSigner, signHash } from '@millrace/base/node'
import type { Address } from '../identifiers.ts'
import { personalMessageHash, type SignatureVerifier, type Signer } from '../signing.ts'
import { WireError } from '../wire-error.ts'

/** A signer that holds a private key of 32 bytes in memory. */
export function createKeySigner(privateKey: Uint8Array | Hex): Signer {
  const key = typeof privateKey === 'string' ? fromHex(privateKey) : Uint8Array.from(privateKey)
  if (key.length !== 32) throw new WireError('wrong_length', `expected a private key of 32 bytes, got ${key.length}`)
  const address = toHex(addressOfPublicKey(curve.publicKey(key)))
  return {
    address,
    signPersonal: (message) => signHash(personalMessageHash(message), key),
    signTypedDigest: (digest) => {
      if (digest.length !== 32)
        throw new WireError('wrong_length', `expected a digest of 32 bytes, got ${digest.length}`)
      return signHash(digest, key)
    },
  }
}

/**
 * The address that signed the personal message (EIP-191).
 * Throws `invalid_signature` with the words of upstream: wrong length, s too high (EIP-2), or no signature at all.
 */
export function recoverPersonal(message: Uint8Array, signature: Uint8Array): Address {
  return recover(personalMessageHash(message), signature)
}

/** True when the address made this signature of the personal message; never throws. */
export const verifyPersonal = (address: Address, message: Uint8Array, signature: Uint8Array): boolean =>
  isSignedBy(address, personalMessageHash(message), signature)

/** True when the address made this signature of the EIP-712 digest; never throws. */
export const verifyTypedDigest = (address: Address, digest: Uint8Array, signature: Uint8Array): boolean =>
  isSignedBy(address, digest, signature)

/** The verifier of this machine, by the fastest curve that loads. */
export const signatureVerifier: SignatureVerifier = { verifyPersonal, verifyTypedDigest }

/** HMAC-SHA256 over the parts, one after another. */
export function hmacSha256(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const mac = createHmac('sha256', key)
  for (const part of parts) mac.update(part)
  return new Uint8Array(mac.digest())
}

function recover(hash: Uint8Array, signature: Uint8Array): Address {
  if (signature.length !== 65) throw new WireError('invalid_signature', 'invalid signature length')
  if (isAboveHalfOrder(signature.subarray(32, 64)))
    throw new WireError('invalid_signature', 'signature s value too high')
  const signer = recoverHashSigner(hash, signature)
  if (!signer) throw new WireError('invalid_signature', 'signature does not recover to an address')
  return toHex(signer)
}

function isSignedBy(address: Address, hash: Uint8Array, signature: Uint8Array): boolean {
  const signer = recoverHashSigner(hash, signature)
  return signer !== undefined && toHex(signer) === address.toLowerCase()
}
