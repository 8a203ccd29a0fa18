import { compareRational, type Rational } from '@millrace/base'
import { goRational } from '@millrace/wire'
import { type BillingType, type PriceCeiling, SignerError } from '../links/signer-link.ts'

/** What a second of live-video-to-video is billed as, whatever the picture really is: 720p at 30 frames. */
const LV2V_PIXELS_PER_SECOND = 1280 * 720 * 30
/** What is paid ahead with the first payment of a session. */
const FIRST_SECONDS = { lv2v: 60, live: 10 } as const
/** A ceiling for pixels, the type that is empty, is a word of Millrace: go-livepeer's signer refuses any there. */
const UNITS: Readonly<Record<BillingType, string>> = {
  live: 'seconds',
  lv2v: '720p-pixel-seconds',
  fixed: 'fixed',
  '': 'pixels',
}

/** How many units a payment is for: the time since the last one, a fixed piece, or the pixels that are named. Throws `bad_order`. */
export function billableUnits(order: {
  readonly type: BillingType
  readonly inPixels: bigint
  readonly sinceMs: number
}): bigint {
  const { type, inPixels, sinceMs } = order
  if (type === 'fixed') return 1n
  if (type === 'live' || type === 'lv2v') {
    const seconds = sinceMs > 0 ? sinceMs / 1000 : FIRST_SECONDS[type]
    return BigInt(type === 'live' ? Math.ceil(seconds) : Math.trunc(LV2V_PIXELS_PER_SECOND * seconds))
  }
  if (inPixels <= 0n) throw new SignerError('bad_order', 400, 'missing billable unit or job type')
  return inPixels
}

/** The ceiling in wei per unit; throws `bad_order` where its currency or unit is not that of the type. */
export function ceilingOf(ceiling: PriceCeiling | undefined, type: BillingType): Rational | undefined {
  if (!ceiling) return undefined
  if (ceiling.price.num <= 0n) throw new SignerError('bad_order', 400, 'maxPrice.price must be a positive decimal')
  if (ceiling.currency.trim().toLowerCase() !== 'wei')
    throw new SignerError('bad_order', 400, 'maxPrice.currency must be wei')
  if (ceiling.unit.trim().toLowerCase() !== UNITS[type])
    throw new SignerError(
      'bad_order',
      400,
      `maxPrice.unit must be ${UNITS[type]} for payment type ${type || 'of pixels'}`,
    )
  return ceiling.price
}

/** Throws `price_exceeded` where the price is above any of the ceilings; `source` says whose it is. */
export function checkPrice(
  price: Rational,
  ceilings: readonly { readonly source: string; readonly most: Rational | undefined }[],
): void {
  for (const { source, most } of ceilings)
    if (most && compareRational(price, most) > 0)
      throw new SignerError(
        'price_exceeded',
        481,
        `orchestrator price ${goRational(price)} exceeds ${source} ceiling ${goRational(most)}`,
      )
}
