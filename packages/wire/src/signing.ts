import { concatBytes, keccak256, utf8 } from '@millrace/base'
import { checksumAddress } from './address.ts'
import type { Address } from './identifiers.ts'
import { WireError } from './wire-error.ts'

/** An account that signs; the key stays behind it. All signatures are r ‖ s ‖ v with v 27 or 28. */
export type Signer = {
  readonly address: Address
  /** Signs the message as a personal message (EIP-191), whatever its length. */
  signPersonal(message: Uint8Array): Uint8Array
  /** Signs a 32-byte EIP-712 digest as it is. */
  signTypedDigest(digest: Uint8Array): Uint8Array
}

/** Checks signatures; `@millrace/wire/node` has one. */
export type SignatureVerifier = {
  /** True when the address made this signature of the personal message (EIP-191). */
  verifyPersonal(address: Address, message: Uint8Array, signature: Uint8Array): boolean
  /** True when the address made this signature of the EIP-712 digest. */
  verifyTypedDigest(address: Address, digest: Uint8Array, signature: Uint8Array): boolean
}

const PERSONAL_PREFIX = '\x19Ethereum Signed Message:\n'
const PREFIX_OF_HASH = utf8(`${PERSONAL_PREFIX}32`)

/** The 32 bytes that a personal signature signs: keccak256(prefix ‖ decimal length ‖ message) (EIP-191). */
export const personalMessageHash = (message: Uint8Array): Uint8Array =>
  keccak256(message.length === 32 ? PREFIX_OF_HASH : utf8(`${PERSONAL_PREFIX}${message.length}`), message)

/**
 * Signs a message between nodes: a personal signature of keccak256(message).
 * Discovery requests, pings and segments are signed this way.
 */
export const signNodeMessage = (signer: Signer, message: Uint8Array): Uint8Array =>
  signer.signPersonal(keccak256(message))

/** Checks a signature made by `signNodeMessage`. */
export const verifyNodeMessage = (
  verifier: SignatureVerifier,
  address: Address,
  message: Uint8Array,
  signature: Uint8Array,
): boolean => verifier.verifyPersonal(address, keccak256(message), signature)

/**
 * Signs a 32-byte hash: a personal signature with no further keccak, because the message is a hash already.
 * Tickets and transcode results are signed this way.
 */
export function signHashMessage(signer: Signer, hash: Uint8Array): Uint8Array {
  if (hash.length !== 32) throw new WireError('wrong_length', `expected a hash of 32 bytes, got ${hash.length}`)
  return signer.signPersonal(hash)
}

/** Checks a signature made by `signHashMessage`. */
export const verifyHashMessage = (
  verifier: SignatureVerifier,
  address: Address,
  hash: Uint8Array,
  signature: Uint8Array,
): boolean => hash.length === 32 && verifier.verifyPersonal(address, hash, signature)

/** The bytes an orchestrator request signs: the sender's own address as EIP-55 text. It proves no freshness. */
export const orchestratorRequestMessage = (address: Address): Uint8Array => utf8(checksumAddress(address))

/** The hash a transcode result signs: keccak256 over the keccak256 of each rendition's bytes, in profile order. */
export const renditionsHash = (renditionHashes: readonly Uint8Array[]): Uint8Array =>
  keccak256(concatBytes(...renditionHashes))
