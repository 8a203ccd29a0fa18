import { type Rational, rational } from '@millrace/base'
import type { Parameters } from './parameters.ts'
import { ApiError } from './route.ts'

/** Reads a price, so much for so many pixels, as wei per pixel. */
export function readPrice(parameters: Parameters, names: { readonly unit: string }): Rational {
  const perUnit = parameters.rational(names.unit)
  const pixels = parameters.rational('pixelsPerUnit')
  if (pixels.num === 0n) throw new ApiError(400, 'pixelsPerUnit must be greater than 0')
  const currency = parameters.find('currency')
  if (currency !== undefined && currency.toLowerCase() !== 'wei')
    throw new ApiError(400, `prices in ${currency} need a price feed, which this node does not read: give it in wei`)
  return rational(perUnit.num * pixels.den, perUnit.den * pixels.num)
}
