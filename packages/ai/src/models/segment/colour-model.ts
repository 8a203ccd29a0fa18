import type { Field } from './field.ts'

type Cluster = { readonly weight: number; readonly mean: readonly number[]; readonly variance: readonly number[] }

/** A mixture of colours, as GrabCut has one for the thing and one for the rest. */
export type ColourModel = readonly Cluster[]

const CLUSTERS = 5
const ROUNDS = 6
/** Of colours that are all the same; the square of a distance that eyes hardly see. */
const SMALLEST_VARIANCE = 6
const SAMPLES = 4_000

/** Fits a mixture to the pixels that are named; undefined when they are too few to say anything. */
export function fitColours({ lab }: Field, pixels: readonly number[]): ColourModel | undefined {
  if (pixels.length < CLUSTERS * 2) return undefined
  const step = Math.max(1, Math.floor(pixels.length / SAMPLES))
  const chosen = pixels.filter((_, index) => index % step === 0)
  // Spread over the brightness, so that the same picture always gives the same clusters.
  const sorted = [...chosen].sort((one, other) => (lab[one * 3] as number) - (lab[other * 3] as number))
  let centres = Array.from({ length: CLUSTERS }, (_, index) => {
    const pixel = sorted[Math.floor(((index + 0.5) / CLUSTERS) * sorted.length)] as number
    return [lab[pixel * 3] as number, lab[pixel * 3 + 1] as number, lab[pixel * 3 + 2] as number]
  })
  let groups: number[][] = []
  for (let round = 0; round < ROUNDS; round++) {
    groups = centres.map(() => [])
    for (const pixel of chosen) groups[nearest(lab, pixel, centres)]?.push(pixel)
    centres = centres.map((centre, index) => (groups[index]?.length ? meanOf(lab, groups[index]) : centre))
  }
  return groups.flatMap((group, index) => {
    if (group.length === 0) return []
    const mean = centres[index] as number[]
    const variance = [0, 1, 2].map(
      (axis) =>
        SMALLEST_VARIANCE +
        group.reduce((sum, pixel) => sum + ((lab[pixel * 3 + axis] as number) - (mean[axis] as number)) ** 2, 0) /
          group.length,
    )
    return [{ weight: group.length / chosen.length, mean, variance }]
  })
}

/** The logarithm of how likely a pixel's colour is. */
export function logLikelihood(model: ColourModel, { lab }: Field, pixel: number): number {
  let sum = 1e-12
  for (const { weight, mean, variance } of model) {
    let exponent = 0
    let volume = 1
    for (let axis = 0; axis < 3; axis++) {
      const difference = (lab[pixel * 3 + axis] as number) - (mean[axis] as number)
      exponent += (difference * difference) / (variance[axis] as number)
      volume *= variance[axis] as number
    }
    sum += (weight * Math.exp(-exponent / 2)) / Math.sqrt(volume)
  }
  return Math.log(sum)
}

function nearest(lab: Float32Array, pixel: number, centres: readonly (readonly number[])[]): number {
  let best = 0
  let bestDistance = Number.POSITIVE_INFINITY
  for (const [index, centre] of centres.entries()) {
    let distance = 0
    for (let axis = 0; axis < 3; axis++) distance += ((lab[pixel * 3 + axis] as number) - (centre[axis] as number)) ** 2
    if (distance < bestDistance) [best, bestDistance] = [index, distance]
  }
  return best
}

const meanOf = (lab: Float32Array, pixels: readonly number[]): number[] =>
  [0, 1, 2].map((axis) => pixels.reduce((sum, pixel) => sum + (lab[pixel * 3 + axis] as number), 0) / pixels.length)
