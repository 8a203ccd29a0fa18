import { createRequire } from 'node:module'
import { MillraceError } from '../errors.ts'
import { keccak256 } from '../keccak.ts'

/** The curve operations Millrace needs, over 32-byte hashes and 32-byte keys. */
export type Curve = {
  /** Which implementation runs; named in every figure. */
  readonly engine: 'native' | 'wasm'
  /** A deterministic (RFC 6979), low-s signature as r ‖ s and the recovery id. */
  sign(hash: Uint8Array, privateKey: Uint8Array): { readonly signature: Uint8Array; readonly recoveryId: number }
  /** The 64-byte public key (x ‖ y) that made the signature; throws when there is none. */
  recover(hash: Uint8Array, signature: Uint8Array, recoveryId: number): Uint8Array
  /** The 64-byte public key of a private key. */
  publicKey(privateKey: Uint8Array): Uint8Array
}

/** The curve by WebAssembly, which runs everywhere; loaded only where it is wanted, since it takes some megabytes. */
export async function loadWasmCurve(): Promise<Curve> {
  const tiny = await import('tiny-secp256k1')
  return {
    engine: 'wasm',
    sign: (hash, privateKey) => {
      const { signature, recoveryId } = tiny.signRecoverable(hash, privateKey)
      return { signature, recoveryId }
    },
    recover: (hash, signature, recoveryId) => {
      const key = tiny.recover(hash, signature, recoveryId as 0 | 1 | 2 | 3, false)
      if (!key) throw new MillraceError('bad_signature', 'no public key matches this signature')
      return key.subarray(1)
    },
    publicKey: (privateKey) => {
      const key = tiny.pointFromScalar(privateKey, false)
      if (!key)
        throw new MillraceError('bad_private_key', 'expected a private key between 1 and the order of secp256k1')
      return key.subarray(1)
    },
  }
}

type NativeSecp256k1 = {
  ecdsaSign(hash: Uint8Array, key: Uint8Array): { signature: Uint8Array; recid: number }
  ecdsaRecover(signature: Uint8Array, recid: number, hash: Uint8Array, compressed: boolean): Uint8Array
  publicKeyCreate(key: Uint8Array, compressed: boolean): Uint8Array
}

/** The native curve where its prebuilt addon loads, else undefined. */
function loadNative(): Curve | undefined {
  let native: NativeSecp256k1
  try {
    // The bindings entry fails to load without the addon, where the package's main entry would fall back to slow JavaScript.
    native = createRequire(import.meta.url)('secp256k1/bindings') as NativeSecp256k1
  } catch {
    return undefined
  }
  return {
    engine: 'native',
    sign: (hash, privateKey) => {
      const { signature, recid } = native.ecdsaSign(hash, privateKey)
      return { signature, recoveryId: recid }
    },
    recover: (hash, signature, recoveryId) => native.ecdsaRecover(signature, recoveryId, hash, false).subarray(1),
    publicKey: (privateKey) => native.publicKeyCreate(privateKey, false).subarray(1),
  }
}

/** The fastest curve that loads on this machine. */
export const curve: Curve = loadNative() ?? (await loadWasmCurve())

/** The 20-byte Ethereum address of a 64-byte public key. */
export const addressOfPublicKey = (publicKey: Uint8Array): Uint8Array => keccak256(publicKey).subarray(12)

/** Signs a 32-byte hash; returns r ‖ s ‖ v with v 27 or 28. */
export function signHash(hash: Uint8Array, privateKey: Uint8Array, by: Curve = curve): Uint8Array {
  const { signature, recoveryId } = by.sign(hash, privateKey)
  const out = new Uint8Array(65)
  out.set(signature)
  out[64] = 27 + recoveryId
  return out
}

/**
 * The 20-byte address that signed the hash, or undefined when the signature is not one:
 * not 65 bytes, v not 27 or 28, s above half the order (EIP-2), or no matching point.
 */
export function recoverHashSigner(hash: Uint8Array, signature: Uint8Array, by: Curve = curve): Uint8Array | undefined {
  if (hash.length !== 32 || signature.length !== 65) return undefined
  const v = signature[64]!
  if (v !== 27 && v !== 28) return undefined
  const s = signature.subarray(32, 64)
  if (isAboveHalfOrder(s)) return undefined
  try {
    return addressOfPublicKey(by.recover(hash, signature.subarray(0, 64), v - 27))
  } catch {
    return undefined
  }
}

const HALF_ORDER = Uint8Array.from(
  Buffer.from('7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0', 'hex'),
)

/** True when s is above half the group order, the form that EIP-2 forbids. */
export const isAboveHalfOrder = (s: Uint8Array): boolean => Buffer.compare(s, HALF_ORDER) > 0
