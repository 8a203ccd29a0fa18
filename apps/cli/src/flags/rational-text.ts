import { type Rational, rational } from '@millrace/base'

const MOST_DIGITS = 80
const LARGEST_EXPONENT = 60

/** Reads `12`, `0.5`, `1e12` or `2/3` exactly; undefined for everything else, negative numbers among it. */
export function parseRational(text: string): Rational | undefined {
  if (text.length > MOST_DIGITS) return undefined
  const fraction = /^(\d+)\/(\d+)$/.exec(text)
  if (fraction) {
    const den = BigInt(fraction[2]!)
    return den === 0n ? undefined : rational(BigInt(fraction[1]!), den)
  }
  const [, whole, decimals = '', exponent = '0'] = /^(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text) ?? []
  if (whole === undefined || Math.abs(Number(exponent)) > LARGEST_EXPONENT) return undefined
  const digits = BigInt(whole + decimals)
  const shift = Number(exponent) - decimals.length
  return shift >= 0 ? rational(digits * 10n ** BigInt(shift)) : rational(digits, 10n ** BigInt(-shift))
}
