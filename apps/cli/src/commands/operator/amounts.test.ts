import { describe, expect, it } from 'vitest'
import { parseEther, parseLpt, parseWei } from './amounts.ts'

const ONE = 10n ** 18n

describe('an amount', () => {
  it.each([
    [parseLpt, '100', 100n * ONE],
    [parseLpt, '1.5 LPT', (3n * ONE) / 2n],
    [parseLpt, '1,000lpt', 1_000n * ONE],
    [parseLpt, '7 LPTU', 7n],
    [parseEther, '0.000000000000000001', 1n],
    [parseEther, '20 gwei', 20n * 10n ** 9n],
    [parseEther, '5wei', 5n],
    [parseWei, '1200', 1_200n],
    [parseWei, '0.5 gwei', 5n * 10n ** 8n],
  ] as const)('is read by its unit: %o %s', (parse, text, value) => expect(parse(text)).toBe(value))

  it.each([
    [parseLpt, ''],
    [parseLpt, '-1'],
    [parseLpt, '1 ETH'],
    [parseEther, '1 LPT'],
    [parseEther, '1e3'],
    [parseEther, '0.0000000000000000001'],
    [parseWei, '1.5'],
    [parseWei, '1..5'],
  ] as const)('that is none is refused: %o %s', (parse, text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'bad_amount' }))
  })
})
