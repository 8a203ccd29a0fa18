import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bigintToBytes, bigintToFixed, bytesToBigint, concatBytes, equalBytes, fromHex, toHex, utf8 } from './bytes.ts'

const bytes = fc.uint8Array({ maxLength: 100 })

describe('hex', () => {
  it('gives back the bytes, in either case, with 0x or without', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        const hex = toHex(value)
        expect(hex).toBe(`0x${Buffer.from(value).toString('hex')}`)
        for (const text of [hex, hex.slice(2), hex.slice(2).toUpperCase(), `0X${hex.slice(2)}`])
          expect(fromHex(text)).toEqual(value)
      }),
    )
  })

  it.each(['0x1', '1', 'xy', '0xzz', '0x 1', '00 ', '0x0x00', '１２'])('refuses %j', (text) => {
    expect(() => fromHex(text)).toThrow(expect.objectContaining({ code: 'bad_hex' }))
  })
})

describe('an integer', () => {
  it('comes back from its shortest bytes, which begin with no zero', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 300n }), (value) => {
        const shortest = bigintToBytes(value)
        expect(bytesToBigint(shortest)).toBe(value)
        expect(shortest[0]).not.toBe(0)
      }),
    )
    expect(bigintToBytes(0n)).toHaveLength(0)
  })

  it('comes back from bytes of fixed length, or does not fit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), (value) => {
        const fixed = bigintToFixed(value, 32)
        expect(fixed).toHaveLength(32)
        expect(bytesToBigint(fixed)).toBe(value)
      }),
    )
    expect(() => bigintToFixed(2n ** 256n, 32)).toThrow(expect.objectContaining({ code: 'integer_too_large' }))
    expect(bigintToFixed(2n ** 256n - 1n, 32)).toEqual(new Uint8Array(32).fill(255))
    expect(bigintToFixed(0n, 0)).toHaveLength(0)
  })

  it('that is negative has no bytes', () => {
    expect(() => bigintToBytes(-1n)).toThrow(expect.objectContaining({ code: 'negative_integer' }))
  })
})

it('joined arrays are what Buffer makes of them', () => {
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 5 }), (parts) => {
      expect(concatBytes(...parts)).toEqual(new Uint8Array(Buffer.concat(parts)))
    }),
  )
})

it('arrays are equal when length and every byte are', () => {
  fc.assert(
    fc.property(bytes, fc.nat(), (value, at) => {
      expect(equalBytes(value, value.slice())).toBe(true)
      expect(equalBytes(value, concatBytes(value, new Uint8Array(1)))).toBe(false)
      if (value.length === 0) return
      const other = value.slice()
      other[at % value.length]! ^= 1
      expect(equalBytes(value, other)).toBe(false)
    }),
  )
})

it('texts are UTF-8', () => expect(toHex(utf8('ü€'))).toBe('0xc3bce282ac'))
