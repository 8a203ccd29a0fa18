import { multiplyRational, type Rational, rational } from '@millrace/base'

/** What one unit of a pipeline costs. */
export type AiPrice = {
  readonly perUnit: Rational
  /** A currency such as `USD` that a price feed converts; wei when left out. */
  readonly currency?: string
}

const NUMBER = /^(\d{1,40})(?:\.(\d{1,60}))?(?:e([+-]?\d{1,2}))?$/i
const FRACTION = /^(\d{1,40})\/([1-9]\d{0,39})$/
const WITH_CURRENCY = /^(.*?\d)\s*([a-z]{3,4})$/i
const MAX_EXPONENT = 60

/**
 * The price of an entry, exactly: `price_per_unit` is a number or a text such as `"0.5e-2USD"`, for so many units as `pixels_per_unit` says.
 * Returns a sentence about what is wrong instead where it cannot be read; undefined without a price.
 */
export function aiPrice(entry: {
  readonly price_per_unit?: unknown
  readonly pixels_per_unit?: unknown
  readonly currency?: unknown
}): AiPrice | string | undefined {
  const { price_per_unit: price, pixels_per_unit: pixels = 1, currency } = entry
  if (price === undefined || price === null) return undefined
  if (currency !== undefined && (typeof currency !== 'string' || !/^[a-z]{0,4}$/i.test(currency)))
    return 'currency: a currency such as USD, or wei, is expected'
  const [, number, suffix] = (typeof price === 'string' && WITH_CURRENCY.exec(price.trim())) || []
  const amount = exact(number ?? price)
  if (typeof amount === 'string') return `price_per_unit: ${amount}`
  const per = exact(pixels)
  if (typeof per === 'string') return `pixels_per_unit: ${per}`
  if (per.num === 0n) return 'pixels_per_unit: it must be more than 0'
  const named = String(currency ?? '').toUpperCase()
  const own = suffix?.toUpperCase()
  if (own !== undefined && named !== '' && own !== named)
    return `price_per_unit: it is in ${own}, and currency says ${named}: name one of them`
  const perUnit = multiplyRational(amount, rational(per.den, per.num))
  const unit = own ?? named
  return unit === '' || unit === 'WEI' ? { perUnit } : { perUnit, currency: unit }
}

/** The fraction that a number means; a sentence where it means none, or may have lost digits. */
function exact(value: unknown): Rational | string {
  if (typeof value === 'number') {
    if (!Number.isFinite(value) || value < 0) return 'a number of 0 or more is expected'
    if (Number.isInteger(value) && !Number.isSafeInteger(value))
      return 'so large a number must be written as a text, in quotes'
    return exact(String(value))
  }
  if (typeof value !== 'string') return 'a number is expected, or a text such as "0.5e-2USD"'
  const text = value.trim()
  const fraction = FRACTION.exec(text)
  if (fraction) return rational(BigInt(fraction[1] as string), BigInt(fraction[2] as string))
  const [, whole, decimals = '', exponent = '0'] = NUMBER.exec(text) ?? []
  if (whole === undefined) return `${JSON.stringify(text.slice(0, 50))} is no number of 0 or more`
  const power = Number(exponent) - decimals.length
  if (Math.abs(Number(exponent)) > MAX_EXPONENT) return `${JSON.stringify(text)} has an exponent beyond ${MAX_EXPONENT}`
  const digits = BigInt(whole + decimals)
  return power >= 0 ? rational(digits * 10n ** BigInt(power)) : rational(digits, 10n ** BigInt(-power))
}
