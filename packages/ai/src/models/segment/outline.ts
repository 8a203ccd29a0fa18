import { type ColourModel, fitColours, logLikelihood } from './colour-model.ts'
import { components } from './components.ts'
import type { Field } from './field.ts'
import { geodesicDistance } from './geodesic.ts'
import { type Edges, edgesOf, walk } from './walker.ts'

/** What is pointed at, in pixels of the field. */
export type Hints = {
  readonly inside: readonly number[]
  readonly outside: readonly number[]
  readonly box: readonly [number, number, number, number] | undefined
  /** What is thought of each pixel before, 0 to 1. */
  readonly before: Float32Array | undefined
}

/** One answer: for each pixel the chance that it belongs to the thing, and how sure the outline is, 0 to 1. */
export type Outline = { readonly chance: Float32Array; readonly score: number }

/** The parts of a picture that a point may mean, from a detail to nearly all. */
const SIZES = [0.04, 0.15, 0.4]
/** How readily a box's content is taken for the thing. */
const LEANINGS = [-1, 0, 1]
const ROUNDS = 4
const CERTAIN = 5

/** Three answers to the same hints: a smaller, a middle and a larger one. */
export function outlines(field: Field, hints: Hints, signal: AbortSignal): readonly Outline[] {
  const edges = edgesOf(field)
  const distance = hints.inside.length > 0 ? geodesicDistance(field, hints.inside) : undefined
  const byBox = hints.box !== undefined || hints.before !== undefined
  return [0, 1, 2].map((index) => {
    signal.throwIfAborted()
    const reach = !byBox && distance ? quantile(distance, SIZES[index] as number) : undefined
    return outline(field, edges, hints, distance, reach, byBox ? (LEANINGS[index] as number) : 0)
  })
}

function outline(
  field: Field,
  edges: Edges,
  hints: Hints,
  distance: Float32Array | undefined,
  reach: number | undefined,
  leaning: number,
): Outline {
  const { width, height } = field
  const count = width * height
  const fixed = fixedPixels(field, hints)
  const chance = new Float32Array(count)
  for (let at = 0; at < count; at++) {
    const near = reach === undefined || (distance?.[at] as number) <= reach
    chance[at] = fixed[at] === -1 ? (hints.before?.[at] ?? (near ? 1 : 0)) : (fixed[at] as number)
  }
  const prior = new Float32Array(count)
  for (let round = 0; round < ROUNDS; round++) {
    const pixels = Array.from(chance.keys())
    const thing = fitColours(
      field,
      pixels.filter((at) => (chance[at] as number) > 0.5),
    )
    const rest = fitColours(
      field,
      pixels.filter((at) => (chance[at] as number) <= 0.5),
    )
    for (let at = 0; at < count; at++) {
      let logit = colourLogit(thing, rest, field, at) + leaning
      // Far from the point nothing belongs to it, whatever its colour.
      if (reach !== undefined) logit += Math.max(-6, Math.min(1, 3 * (1 - (distance?.[at] as number) / reach)))
      if (hints.before) logit += 3 * ((hints.before[at] as number) - 0.5)
      prior[at] = 1 / (1 + Math.exp(-logit))
    }
    walk(field, edges, prior, fixed, chance)
  }
  tidy(field, hints, chance)
  return { chance, score: stability(chance) }
}

function colourLogit(thing: ColourModel | undefined, rest: ColourModel | undefined, field: Field, at: number): number {
  if (!thing || !rest) return 0
  const difference = logLikelihood(thing, field, at) - logLikelihood(rest, field, at)
  return Math.max(-CERTAIN, Math.min(CERTAIN, difference))
}

/** What is known: the points, with what is next to them, and that nothing reaches out of a box. */
function fixedPixels({ width, height }: Field, { inside, outside, box }: Hints): Int8Array {
  const fixed = new Int8Array(width * height).fill(-1)
  if (box)
    for (let at = 0; at < fixed.length; at++) {
      const x = at % width
      const y = Math.floor(at / width)
      if (x < box[0] || y < box[1] || x > box[2] || y > box[3]) fixed[at] = 0
    }
  for (const [pixels, value] of [
    [outside, 0],
    [inside, 1],
  ] as const)
    for (const pixel of pixels)
      for (let dy = -1; dy <= 1; dy++)
        for (let dx = -1; dx <= 1; dx++) {
          const x = (pixel % width) + dx
          const y = Math.floor(pixel / width) + dy
          if (x >= 0 && y >= 0 && x < width && y < height) fixed[y * width + x] = value
        }
  return fixed
}

/** Leaves the piece that was pointed at, or the largest, and fills small holes in it. */
function tidy({ width, height }: Field, { inside, outside }: Hints, chance: Float32Array): void {
  const pieces = components((at) => (chance[at] as number) > 0.5, width, height)
  const meant = pieces.filter((piece) => inside.some((pixel) => piece.includes(pixel)))
  const largest = pieces.reduce<readonly number[]>((most, piece) => (piece.length > most.length ? piece : most), [])
  const kept = new Set(meant.length > 0 ? meant : [largest])
  let area = 0
  for (const piece of pieces)
    if (kept.has(piece)) area += piece.length
    else for (const at of piece) chance[at] = Math.min(chance[at] as number, 0.2)
  for (const hole of components((at) => (chance[at] as number) <= 0.5, width, height)) {
    const open = hole.some(
      (at) => at % width === 0 || at % width === width - 1 || at < width || at >= width * (height - 1),
    )
    if (open || hole.length > area / 20 || outside.some((pixel) => hole.includes(pixel))) continue
    for (const at of hole) chance[at] = Math.max(chance[at] as number, 0.8)
  }
}

/** How little the outline moves when more, or less, is asked for; what SAM calls stability. */
function stability(chance: Float32Array): number {
  let sure = 0
  let possible = 0
  for (const each of chance) {
    if (each > 0.65) sure++
    if (each > 0.35) possible++
  }
  return possible === 0 ? 0 : sure / possible
}

function quantile(values: Float32Array, part: number): number {
  const sorted = Float32Array.from(values).sort()
  return Math.max(1, sorted[Math.floor(part * (sorted.length - 1))] as number)
}
