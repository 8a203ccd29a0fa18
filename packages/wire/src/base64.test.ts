import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { WireError } from './wire-error.ts'

it('base64 agrees with the platform', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const text = encodeBase64(bytes)
      expect(text).toBe(Buffer.from(bytes).toString('base64'))
      expect(decodeBase64(text)).toEqual(bytes)
    }),
  )
})

it('any text gives bytes that are written as that text again, or a WireError', () => {
  const almost = fc.string({ unit: fc.constantFrom(...'ABab01+/=-_ \n\u00e9'), maxLength: 12 })
  fc.assert(
    fc.property(fc.oneof(almost, fc.string()), (text) => {
      let bytes: Uint8Array
      try {
        bytes = decodeBase64(text)
      } catch (error) {
        expect(error).toBeInstanceOf(WireError)
        return
      }
      expect(encodeBase64(bytes)).toBe(text)
    }),
    { numRuns: 2000 },
  )
})
