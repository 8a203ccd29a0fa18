import { fromHex, toHex, utf8 } from '@millrace/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressFromBytes, addressToBytes, checksumAddress, parseAddress, ZERO_ADDRESS } from './address.ts'
import type { Address } from './identifiers.ts'
import { fact } from './network-facts.fixture.ts'
import {
  createKeySigner,
  recoverPersonal,
  signatureVerifier,
  verifyPersonal,
  verifyTypedDigest,
} from './node/signing.ts'
import { signHashMessage, signNodeMessage, verifyHashMessage, verifyNodeMessage } from './signing.ts'

const KEY = fact<{ privateKey: string }, { address: Address }>('key')
const signer = createKeySigner(KEY.input.privateKey.split(' ')[0] as `0x${string}`)

describe('addresses', () => {
  it('a key has the address upstream gives it', () => {
    expect(checksumAddress(signer.address)).toBe(KEY.expected.address)
    expect(signer.address).toBe(KEY.expected.address.toLowerCase())
  })

  it('are read in any letter case and refused in any other form', () => {
    expect(parseAddress(KEY.expected.address)).toBe(signer.address)
    for (const text of ['', '0x', KEY.expected.address.slice(2), `${KEY.expected.address}0`, '0xzz'.padEnd(42, 'z')])
      expect(() => parseAddress(text)).toThrow(expect.objectContaining({ code: 'invalid_address' }))
  })

  it('are 20 bytes, and no bytes are the zero address', () => {
    expect(addressFromBytes(addressToBytes(signer.address))).toBe(signer.address)
    expect(addressFromBytes(new Uint8Array(0))).toBe(ZERO_ADDRESS)
    expect(() => addressFromBytes(new Uint8Array(19))).toThrow(expect.objectContaining({ code: 'wrong_length' }))
  })
})

describe('personal signatures', () => {
  const known = fact<{ msg: string; sig: string }, string>('sig-recover')
  const message = fromHex(known.input.msg)
  const signature = fromHex(known.input.sig)
  const address = parseAddress(known.expected)

  it('recover to the address that made them', () => {
    expect(recoverPersonal(message, signature)).toBe(address)
    expect(verifyPersonal(address, message, signature)).toBe(true)
    expect(verifyPersonal(checksumAddress(address), message, signature)).toBe(true)
  })

  it('with s in the upper half are refused by name', () => {
    const { input, expected } = fact<{ sig: string }, { error: string }>('sig-high-s-rejected')
    expect(() => recoverPersonal(message, fromHex(input.sig))).toThrow(expected.error)
    expect(verifyPersonal(address, message, fromHex(input.sig))).toBe(false)
  })

  it('of a wrong length are refused by name', () => {
    const { expected } = fact<unknown, { error: string }>('sig-length-rejected')
    expect(() => recoverPersonal(message, signature.subarray(0, 64))).toThrow(expected.error)
    expect(verifyPersonal(address, message, signature.subarray(0, 64))).toBe(false)
  })

  it('with one flipped bit are refused', () => {
    for (let bit = 0; bit < signature.length * 8; bit++) {
      const flipped = Uint8Array.from(signature)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      expect(verifyPersonal(address, message, flipped)).toBe(false)
    }
  })

  it('never throw from a check, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), fc.uint8Array({ maxLength: 70 }), (hash, bytes) => {
        expect(verifyPersonal(address, hash, bytes)).toBe(false)
        expect(verifyTypedDigest(address, hash, bytes)).toBe(false)
      }),
    )
  })
})

describe('the two layers of signing', () => {
  it('differ: one hashes the message first, the other takes a hash as it is', () => {
    const hash = new Uint8Array(32).fill(7)
    const node = signNodeMessage(signer, hash)
    const plain = signHashMessage(signer, hash)
    expect(toHex(node)).not.toBe(toHex(plain))
    expect(verifyNodeMessage(signatureVerifier, signer.address, hash, node)).toBe(true)
    expect(verifyHashMessage(signatureVerifier, signer.address, hash, plain)).toBe(true)
    expect(verifyNodeMessage(signatureVerifier, signer.address, hash, plain)).toBe(false)
    expect(verifyHashMessage(signatureVerifier, signer.address, hash, node)).toBe(false)
  })

  it('sign messages of any length, but hashes of 32 bytes only', () => {
    const message = utf8('x'.repeat(1000))
    expect(verifyNodeMessage(signatureVerifier, signer.address, message, signNodeMessage(signer, message))).toBe(true)
    expect(() => signHashMessage(signer, message)).toThrow(expect.objectContaining({ code: 'wrong_length' }))
    expect(() => signer.signTypedDigest(message)).toThrow(expect.objectContaining({ code: 'wrong_length' }))
  })
})
