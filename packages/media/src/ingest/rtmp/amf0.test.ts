import { MillraceError } from '@millrace/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeAmf0, encodeAmf0 } from './amf0.ts'

const badAmf = expect.objectContaining({ code: 'bad_amf' })

describe('AMF0', () => {
  it('round-trips the values that commands are made of', () => {
    const values = ['connect', 1, { app: 'live', flag: true, nothing: null, list: [1, 'two'] }, null, undefined]
    expect(JSON.parse(JSON.stringify(decodeAmf0(encodeAmf0(...values))))).toEqual(JSON.parse(JSON.stringify(values)))
  })

  it('refuses nesting that is deeper than any encoder sends', () => {
    const bomb = Buffer.concat(Array.from({ length: 70_000 }, () => Buffer.of(0x0a, 0, 0, 0, 1)))
    expect(() => decodeAmf0(bomb)).toThrow(badAmf)
  })

  it('refuses objects with a million keys', () => {
    const pair = Buffer.of(0, 1, 0x61, 5)
    expect(() => decodeAmf0(Buffer.concat([Buffer.of(3), ...Array.from({ length: 1e6 }, () => pair)]))).toThrow(badAmf)
  })

  it('refuses texts and arrays that claim more than is there', () => {
    expect(() => decodeAmf0(Buffer.of(2, 0xff, 0xff, 0x61))).toThrow(badAmf)
    expect(() => decodeAmf0(Buffer.of(0x0a, 0xff, 0xff, 0xff, 0xff))).toThrow(badAmf)
    expect(() => decodeAmf0(Buffer.of(0x0c, 0x7f, 0xff, 0xff, 0xff, 0x61))).toThrow(badAmf)
  })

  it('cannot be used to change the prototype of objects', () => {
    const key = Buffer.from('__proto__')
    const bytes = Buffer.concat([
      Buffer.of(3, 0, key.length),
      key,
      Buffer.of(3, 0, 8),
      Buffer.from('polluted'),
      Buffer.of(1, 1, 0, 0, 9, 0, 0, 9),
    ])
    const [object] = decodeAmf0(bytes)
    expect(Object.keys(object as object)).toEqual(['__proto__'])
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it('throws only typed errors on arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          decodeAmf0(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(MillraceError)
        }
      }),
      { numRuns: 500 },
    )
  })
})
