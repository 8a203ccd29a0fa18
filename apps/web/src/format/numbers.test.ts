import { expect, test } from 'vitest'
import { formatBytes, formatCount, formatSeconds, formatShare, shortHex } from './numbers.ts'

test('counts are grouped by thousands', () => {
  expect(formatCount(0)).toBe('0')
  expect(formatCount(999)).toBe('999')
  expect(formatCount(1_234_567n)).toBe('1,234,567')
})

test('a share has one decimal, and a dash while there is no whole', () => {
  expect(formatShare(3, 29)).toBe('10.3 %')
  expect(formatShare(0, 0)).toBe('–')
})

test('times, sizes and addresses are short', () => {
  expect(formatSeconds(1_259)).toBe('1.3 s')
  expect(formatBytes(97_760)).toBe('98 kB')
  expect(formatBytes(3_500_000)).toBe('3.5 MB')
  expect(shortHex('0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc')).toBe('0x3c44…93bc')
})
