import { expect, it } from 'vitest'
import { usesCabac } from './pps.ts'

it.each([
  ['68ebe3cb22c0', true],
  ['68ce3c80', false],
  ['68ee3c80', true],
])('of a picture parameter set %s the entropy coding is read', (hex, cabac) => {
  expect(usesCabac(Buffer.from(hex, 'hex'))).toBe(cabac)
})

it('of one that is cut off is an error', () => {
  expect(() => usesCabac(Buffer.of(0x68))).toThrow(expect.objectContaining({ code: 'bad_bitstream' }))
})
