import { type Rational, rational } from '@millrace/base'
import { checkInt64 } from '../codec.ts'
import type { PriceInfo as PriceInfoProto } from '../proto/generated/lp_rpc_pb.ts'
import { WireError } from '../wire-error.ts'

/** A price in wei per unit of pixels, as a ratio of integers. */
export type PriceInfo = {
  /** Wei; int64 on the wire, field 1. */
  readonly pricePerUnit: bigint
  /** Pixels; int64 on the wire, field 2. */
  readonly pixelsPerUnit: bigint
  /** The capability the price is for; only in `capabilitiesPrices`. */
  readonly capability?: number
  /** The model the price is for; only in `capabilitiesPrices`. */
  readonly constraint?: string
}

/** The price as a fraction in lowest terms, wei per pixel; throws `invalid_price` when it is negative or has no denominator. */
export function priceToRational(price: PriceInfo | undefined): Rational {
  if (!price || price.pixelsPerUnit <= 0n || price.pricePerUnit < 0n)
    throw new WireError('invalid_price', 'expected a price with pricePerUnit >= 0 and pixelsPerUnit > 0')
  return rational(price.pricePerUnit, price.pixelsPerUnit)
}

/** A fraction as the ratio on the wire, in lowest terms; throws `number_out_of_range` when it needs more than int64. */
export function priceFromRational(price: Rational): PriceInfo {
  const { num, den } = rational(price.num, price.den)
  return { pricePerUnit: checkInt64(num, 'pricePerUnit'), pixelsPerUnit: checkInt64(den, 'pixelsPerUnit') }
}

export const priceInfoToProto = (price: PriceInfo) => ({
  pricePerUnit: price.pricePerUnit,
  pixelsPerUnit: price.pixelsPerUnit,
  capability: price.capability ?? 0,
  constraint: price.constraint ?? '',
})

export const priceInfoFromProto = (message: PriceInfoProto): PriceInfo => ({
  pricePerUnit: message.pricePerUnit,
  pixelsPerUnit: message.pixelsPerUnit,
  ...(message.capability !== 0 && { capability: message.capability }),
  ...(message.constraint !== '' && { constraint: message.constraint }),
})
