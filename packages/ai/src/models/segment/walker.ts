import { colourDistance, type Field } from './field.ts'

/** How strongly neighbours of the same colour hold together, against what is thought of each pixel alone. */
const STIFFNESS = 12
const SMALLEST_EDGE = 1e-3
const ROUNDS = 150
/** Between 1 and 2: how far each round goes beyond the mean of the neighbours. */
const OVER_RELAXATION = 1.85

/** How strongly the pixel to the right, and the one below, hold to a pixel. */
export type Edges = { readonly right: Float32Array; readonly below: Float32Array }

export function edgesOf(field: Field): Edges {
  const { width, height } = field
  const right = new Float32Array(width * height)
  const below = new Float32Array(width * height)
  let sum = 0
  let count = 0
  for (let at = 0; at < right.length; at++) {
    if ((at + 1) % width !== 0) sum += right[at] = colourDistance(field, at, at + 1)
    if (at + width < below.length) sum += below[at] = colourDistance(field, at, at + width)
    count += 2
  }
  const beta = 1 / (2 * (sum / count) + 1e-6)
  for (const edges of [right, below])
    for (let at = 0; at < edges.length; at++)
      edges[at] = STIFFNESS * (SMALLEST_EDGE + Math.exp(-beta * (edges[at] as number)))
  return { right, below }
}

/**
 * For each pixel the chance that a random walk from it ends in the thing (Grady: "Multilabel random walker image segmentation using prior models").
 * `prior` is what is thought of each pixel alone, 0 to 1; `fixed` is 1 or 0 where it is known and -1 elsewhere. Writes into `chance`.
 */
export function walk(
  { width, height }: Field,
  edges: Edges,
  prior: Float32Array,
  fixed: Int8Array,
  chance: Float32Array,
): void {
  const { right, below } = edges
  for (let at = 0; at < chance.length; at++) if (fixed[at] !== -1) chance[at] = fixed[at] as number
  for (let round = 0; round < ROUNDS; round++) {
    let largest = 0
    for (let y = 0, at = 0; y < height; y++)
      for (let x = 0; x < width; x++, at++) {
        if (fixed[at] !== -1) continue
        let weight = 1
        let sum = prior[at] as number
        if (x > 0) {
          weight += right[at - 1] as number
          sum += (right[at - 1] as number) * (chance[at - 1] as number)
        }
        if (x < width - 1) {
          weight += right[at] as number
          sum += (right[at] as number) * (chance[at + 1] as number)
        }
        if (y > 0) {
          weight += below[at - width] as number
          sum += (below[at - width] as number) * (chance[at - width] as number)
        }
        if (y < height - 1) {
          weight += below[at] as number
          sum += (below[at] as number) * (chance[at + width] as number)
        }
        const before = chance[at] as number
        const change = OVER_RELAXATION * (sum / weight - before)
        chance[at] = before + change
        largest = Math.max(largest, Math.abs(change))
      }
    if (largest < 1e-3) return
  }
}
