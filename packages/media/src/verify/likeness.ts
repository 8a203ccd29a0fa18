import type { Size } from '../transcode/scaled-size.ts'

/** The brightness of a picture's points, row by row without gaps, 0 to 255. */
export type Luma = Size & { readonly data: Uint8Array }

const WINDOW = 8
const C1 = (0.01 * 255) ** 2
const C2 = (0.03 * 255) ** 2
/** Below this mean square of brightness steps nothing moved but the coding's noise. */
const STILL = 4

/**
 * How alike two pictures of one size are: 1 for the same, about 0 for two that have nothing in common.
 * The mean of SSIM (Wang et al. 2004) over windows of 8 by 8, `stride` apart, without Gaussian weights.
 */
export function ssim(a: Luma, b: Luma, stride: number): number {
  let sum = 0
  let windows = 0
  for (let y = 0; y + WINDOW <= a.height; y += stride)
    for (let x = 0; x + WINDOW <= a.width; x += stride) {
      sum += windowSsim(a, b, y * a.width + x)
      windows++
    }
  return windows === 0 ? 1 : sum / windows
}

function windowSsim({ data: a, width }: Luma, { data: b }: Luma, at: number): number {
  let sumA = 0
  let sumB = 0
  let squaresA = 0
  let squaresB = 0
  let products = 0
  for (let row = 0; row < WINDOW; row++) {
    const begin = at + row * width
    for (let i = begin; i < begin + WINDOW; i++) {
      const va = a[i]!
      const vb = b[i]!
      sumA += va
      sumB += vb
      squaresA += va * va
      squaresB += vb * vb
      products += va * vb
    }
  }
  const n = WINDOW * WINDOW
  const meanA = sumA / n
  const meanB = sumB / n
  const varianceA = squaresA / n - meanA * meanA
  const varianceB = squaresB / n - meanB * meanB
  const covariance = products / n - meanA * meanB
  return (
    ((2 * meanA * meanB + C1) * (2 * covariance + C2)) /
    ((meanA * meanA + meanB * meanB + C1) * (varianceA + varianceB + C2))
  )
}

/**
 * Whether what changes between the pictures of one video also changes in the other: 1 when it does, about 0 when it does not.
 * Undefined when next to nothing changes in the first. Both hold pictures of the same moments, in order.
 */
export function motionLikeness(reference: readonly Luma[], other: readonly Luma[]): number | undefined {
  let products = 0
  let squares = 0
  let otherSquares = 0
  let points = 0
  for (let i = 1; i < reference.length; i++) {
    const [before, after] = [reference[i - 1]!.data, reference[i]!.data]
    const [otherBefore, otherAfter] = [other[i - 1]!.data, other[i]!.data]
    for (let p = 0; p < after.length; p++) {
      const step = after[p]! - before[p]!
      const otherStep = otherAfter[p]! - otherBefore[p]!
      products += step * otherStep
      squares += step * step
      otherSquares += otherStep * otherStep
    }
    points += after.length
  }
  if (points === 0 || squares / points < STILL) return undefined
  return products / Math.sqrt(squares * Math.max(otherSquares, 1))
}
