import { type Rational, rational } from '@millrace/base'

/** Reads a decimal number as JSON has it, such as 1300, 0.5 or 1.2e3; undefined for anything else. */
export function readDecimal(text: string): Rational | undefined {
  const match = /^(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,2}))?$/.exec(text.trim())
  if (!match) return undefined
  const [, whole = '', fraction = '', exponent = '0'] = match
  const power = Number(exponent) - fraction.length
  const digits = BigInt(whole + fraction)
  return power >= 0 ? rational(digits * 10n ** BigInt(power)) : rational(digits, 10n ** BigInt(-power))
}
