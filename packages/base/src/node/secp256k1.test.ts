import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bigintToFixed, bytesToBigint, fromHex, toHex, utf8 } from '../bytes.ts'
import { keccak256 } from '../keccak.ts'
import { addressOfPublicKey, curve, isAboveHalfOrder, loadWasmCurve, recoverHashSigner, signHash } from './secp256k1.ts'

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const HASH = keccak256(utf8('a message'))
const KEY = fromHex('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80')
const ADDRESS = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266'
const keys = fc.bigInt({ min: 1n, max: ORDER - 1n }).map((key) => bigintToFixed(key, 32))
const hashes = fc.uint8Array({ minLength: 32, maxLength: 32 })

const wasmCurve = await loadWasmCurve()

describe.each([
  ['the fastest', curve],
  ['WebAssembly', wasmCurve],
])('secp256k1: %s', (_, by) => {
  it('knows the address of a key', () => {
    expect(toHex(addressOfPublicKey(by.publicKey(KEY)))).toBe(ADDRESS)
    expect(by.publicKey(KEY)).toHaveLength(64)
  })

  it('finds the signer of what it signed, for any key and hash', () => {
    fc.assert(
      fc.property(keys, hashes, (key, hash) => {
        const signature = signHash(hash, key, by)
        expect(signature).toHaveLength(65)
        expect([27, 28]).toContain(signature[64])
        expect(isAboveHalfOrder(signature.subarray(32, 64))).toBe(false)
        expect(recoverHashSigner(hash, signature, by)).toEqual(addressOfPublicKey(by.publicKey(key)))
      }),
      { numRuns: 50 },
    )
  })

  it('finds another signer, or none, when one bit is flipped', () => {
    const signature = signHash(HASH, KEY, by)
    for (let bit = 0; bit < 65 * 8; bit += 3) {
      const changed = Uint8Array.from(signature)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      const signer = recoverHashSigner(HASH, changed, by)
      expect(signer && toHex(signer), `bit ${bit}`).not.toBe(ADDRESS)
    }
  })

  it('refuses the other signature with s above half the order, which EIP-2 forbids', () => {
    const signature = signHash(HASH, KEY, by)
    const high = Uint8Array.from(signature)
    high.set(bigintToFixed(ORDER - bytesToBigint(signature.subarray(32, 64)), 32), 32)
    high[64] = signature[64] === 27 ? 28 : 27
    expect(isAboveHalfOrder(high.subarray(32, 64))).toBe(true)
    expect(recoverHashSigner(HASH, high, by)).toBeUndefined()
  })

  it.each([0, 1, 2, 26, 29, 30, 255])('refuses v = %i', (v) => {
    const signature = signHash(HASH, KEY, by)
    signature[64] = v
    expect(recoverHashSigner(HASH, signature, by)).toBeUndefined()
  })

  it.each([0, 1, 64, 66, 130])('refuses a signature of %i bytes', (length) => {
    const signature = new Uint8Array(length)
    signature.set(signHash(HASH, KEY, by).subarray(0, length))
    expect(recoverHashSigner(HASH, signature, by)).toBeUndefined()
  })

  it.each([0, 31, 33])('refuses a hash of %i bytes', (length) => {
    expect(recoverHashSigner(new Uint8Array(length), signHash(HASH, KEY, by), by)).toBeUndefined()
  })

  it.each([
    ['r of zeros', 0, 0n],
    ['s of zeros', 32, 0n],
    ['r of the order', 0, ORDER],
    ['r of ones', 0, 2n ** 256n - 1n],
  ])('refuses %s', (__, at, value) => {
    const signature = signHash(HASH, KEY, by)
    signature.set(bigintToFixed(value, 32), at)
    expect(recoverHashSigner(HASH, signature, by)).toBeUndefined()
  })

  it.each([
    ['zero', 0n],
    ['the order', ORDER],
    ['more than the order', 2n ** 256n - 1n],
  ])('has no public key for a private key of %s, and signs nothing with it', (__, value) => {
    expect(() => by.publicKey(bigintToFixed(value, 32))).toThrow()
    expect(() => by.sign(HASH, bigintToFixed(value, 32))).toThrow()
  })
})

it('both implementations sign alike and find the same signer', () => {
  fc.assert(
    fc.property(keys, hashes, (key, hash) => {
      const signature = signHash(hash, key, curve)
      expect(signHash(hash, key, wasmCurve)).toEqual(signature)
      expect(recoverHashSigner(hash, signature, wasmCurve)).toEqual(recoverHashSigner(hash, signature, curve))
    }),
    { numRuns: 50 },
  )
})
