import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeGoJson, encodeGoJson, goRational } from './go-json.ts'

it('a big integer is a number with all its digits', () => {
  expect(encodeGoJson({ Amount: 123456789012345678901234567890n, None: null, Left: undefined })).toBe(
    '{"Amount":123456789012345678901234567890,"None":null}',
  )
  expect(decodeGoJson('{"Amount":123456789012345678901234567890,"n":1.5,"s":"99999999999999999999"}')).toEqual({
    Amount: 123456789012345678901234567890n,
    n: 1.5,
    s: '99999999999999999999',
  })
})

it('what JSON can say is written as JSON.stringify writes it, and is read back', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(encodeGoJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
      expect(decodeGoJson(JSON.stringify({ value }))).toEqual(widened(JSON.parse(JSON.stringify({ value }))))
    }),
  )
})

/** Whole doubles that JSON writes without an exponent come back as the integers they are. */
function widened(value: unknown): unknown {
  if (typeof value === 'number' && /^-?\d+$/.test(JSON.stringify(value)) && !Number.isSafeInteger(value))
    return BigInt(JSON.stringify(value))
  if (Array.isArray(value)) return value.map(widened)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, widened(v)]))
  return value
}

it('a fraction is written as Go writes it', () => {
  expect(goRational({ num: 3n, den: 2n })).toBe('3/2')
  expect(goRational({ num: 3n, den: 1n })).toBe('3')
})
