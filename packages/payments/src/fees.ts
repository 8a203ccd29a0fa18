import {
  ceilRational,
  compareRational,
  multiplyRational,
  type Pixels,
  type Rational,
  rational,
  subtractRational,
} from '@millrace/base'
import type { VideoProfile } from '@millrace/wire'

/** 1.02 as upstream's binary floating point has it; estimates agree with it to the last wei. */
export const ESTIMATE_MARGIN: Rational = rational(2296835809958953n, 2251799813685248n)
/** Frames per second assumed of a rendition that keeps the frames of its source. */
const PASSTHROUGH_FPS = 60

type Size = Pick<VideoProfile, 'width' | 'height' | 'fps' | 'fpsDen'>

/** Pixels that a segment's renditions will have at most, as a gateway counts them before it pays. */
export function estimatePixels(profiles: readonly Size[], durationMs: number): Pixels {
  const seconds = BigInt(Math.ceil(durationMs / 1000))
  return profiles.reduce((sum, { width, height, fps, fpsDen }) => {
    const rate = fps === 0 ? PASSTHROUGH_FPS : Math.ceil(fps / (fpsDen || 1))
    return sum + BigInt(width) * BigInt(height) * BigInt(rate) * seconds
  }, 0n)
}

/** The fee in wei that a segment will cost at most, with a margin of 2 %. */
export const estimateFee = (profiles: readonly Size[], durationMs: number, price: Rational): Rational =>
  multiplyRational(multiplyRational(rational(estimatePixels(profiles, durationMs)), ESTIMATE_MARGIN), price)

/** The fee in wei of pixels at a price in wei per pixel, exact. */
export const feeOf = (pixels: Pixels, price: Rational): Rational => multiplyRational(rational(pixels), price)

/** The credit a segment needs before it is sent: the fee, but never less than one ticket. */
export const minCredit = (fee: Rational, ev: Rational): Rational => (compareRational(fee, ev) < 0 ? ev : fee)

/** How many tickets of that expected value make up what the balance lacks; none when it lacks nothing. */
export function ticketsNeeded(credit: Rational, ev: Rational, balance: Rational): number {
  const gap = subtractRational(credit, balance)
  if (gap.num <= 0n || ev.num <= 0n) return 0
  return Number(ceilRational(multiplyRational(gap, rational(ev.den, ev.num))))
}
