import { createKeccak } from 'hash-wasm'

const hasher = await createKeccak(256)

/**
 * Keccak-256 of the bytes (the Ethereum hash, not NIST SHA3-256), by WebAssembly.
 * For media use `Hashing` of `@millrace/base/node`: more than 64 KB must not be hashed on the main thread.
 */
export function keccak256(...parts: readonly Uint8Array[]): Uint8Array {
  hasher.init()
  for (const part of parts) hasher.update(part)
  return hasher.digest('binary')
}
