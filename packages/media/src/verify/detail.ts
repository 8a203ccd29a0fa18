import type { Luma } from './likeness.ts'

/** How much a picture has of what only its full size can show: the mean square of what a point differs from its neighbours' mean. */
export function detailOf({ width, height, data }: Luma): number {
  let sum = 0
  for (let y = 1; y < height - 1; y += 2)
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x
      const around = data[at - 1]! + data[at + 1]! + data[at - width]! + data[at + width]!
      const step = data[at]! - around / 4
      sum += step * step
    }
  return sum / Math.max(1, ((width - 2) * (height - 2)) / 2)
}

/** SSIM on a scale on which equal steps look equal: 10 for 0.9, 20 for 0.99. */
export const decibels = (ssim: number): number => -10 * Math.log10(Math.max(1e-4, 1 - ssim))
