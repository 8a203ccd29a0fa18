import { describe, expect, test } from 'vitest'
import { formatLpt, formatPerc6, formatPerc9, formatWei } from './amounts.ts'

describe('amounts', () => {
  test('wei are written in the unit that reads best', () => {
    expect(formatWei(0n)).toBe('0 wei')
    expect(formatWei(999_999n)).toBe('999999 wei')
    expect(formatWei(35_000_000n)).toBe('0.035 gwei')
    expect(formatWei(479_278_080n)).toBe('0.4792 gwei')
    expect(formatWei(10n ** 19n)).toBe('10 ETH')
    expect(formatWei(9_999_999_475_000_000_000n)).toBe('9.9999 ETH')
  })

  test('large amounts are grouped and lose their decimals', () => {
    expect(formatLpt(1_450_321_174_999_678_825_000_000n)).toBe('1,450,321 LPT')
    expect(formatLpt(289_057_499_710_942_500_000n)).toBe('289.0574 LPT')
  })

  test('cuts and inflation are percentages', () => {
    expect(formatPerc6(200_000n)).toBe('20 %')
    expect(formatPerc6(12_500n)).toBe('1.25 %')
    expect(formatPerc9(221_500n)).toBe('0.02215 %')
  })
})
