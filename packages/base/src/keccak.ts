// Only this hash: the whole library costs every process 7 MB.
import hashWasm from 'hash-wasm/dist/keccak.umd.min.js'

const hasher = await hashWasm.createKeccak(256)
/** Short parts are put together here: handing over each by itself costs more than hashing it. */
const together = new Uint8Array(512)

/**
 * Keccak-256 of the bytes (the Ethereum hash, not NIST SHA3-256), by WebAssembly.
 * For media use `Hashing` of `@millrace/base/node`: more than 64 KB must not be hashed on the main thread.
 */
export function keccak256(...parts: readonly Uint8Array[]): Uint8Array {
  hasher.init()
  let at = 0
  for (const part of parts) {
    if (at + part.length > together.length) {
      hasher.update(together.subarray(0, at))
      at = 0
    }
    if (part.length > together.length) hasher.update(part)
    else {
      together.set(part, at)
      at += part.length
    }
  }
  hasher.update(together.subarray(0, at))
  return hasher.digest('binary')
}
