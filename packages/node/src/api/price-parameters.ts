import { hasCode, rational } from '@millrace/base'
import type { NamedPrice } from './context.ts'
import type { Parameters } from './parameters.ts'
import { ApiError } from './route.ts'

/**
 * Reads a price, so much for so many pixels; in wei, or in the currency of the node's price feed. The currency stands in a parameter
 * of its own as scripts know it, or behind the number (`0.5USD`) as in the flags.
 */
export function readPrice(parameters: Parameters, names: { readonly unit: string }): NamedPrice {
  const [, number = '', behind] = /^(.*?\d)\s*([A-Za-z]\w{0,15})$/.exec(parameters.need(names.unit)) ?? []
  const perUnit = behind === undefined ? parameters.rational(names.unit) : parameters.asRational(names.unit, number)
  const pixels = parameters.rational('pixelsPerUnit')
  if (pixels.num === 0n) throw new ApiError(400, 'pixelsPerUnit must be greater than 0')
  const pricePerPixel = rational(perUnit.num * pixels.den, perUnit.den * pixels.num)
  const currency = (parameters.find('currency') ?? behind ?? 'wei').toUpperCase()
  if (!/^[A-Z]\w{0,15}$/.test(currency))
    throw new ApiError(400, 'currency must be a short name such as wei, ETH or USD')
  if (currency === 'WEI') return { pricePerPixel }
  if (currency === 'ETH') return { pricePerPixel: rational(pricePerPixel.num * 10n ** 18n, pricePerPixel.den) }
  return { pricePerPixel, currency }
}

const NOT_CONVERTED = ['no_price_feed', 'bad_config', 'bad_price_feed']

/** Sets a price; one in a currency that the node cannot convert is the caller's mistake. */
export async function setPrice(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (cause) {
    if (!NOT_CONVERTED.some((code) => hasCode(cause, code))) throw cause
    throw new ApiError(400, `error converting price: ${(cause as Error).message}`, { cause })
  }
}
