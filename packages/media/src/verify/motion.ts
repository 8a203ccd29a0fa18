import { type Luma, motionLikeness } from './likeness.ts'

/** A picture of the rendition and the one of the source that it should show, both small. */
export type PicturePair = { readonly source: Luma; readonly rendition: Luma }

/** How what changes from picture to picture in a rendition compares with its source. */
export type Motion = {
  /** Whether the same changes, from one eighth of the segment to the next; undefined when next to nothing does. */
  readonly motion: number | undefined
  /** The same, in the part of the segment where it is least so. */
  readonly worstMotion: number | undefined
  /** Part of the source's changes at which the rendition stands still: half of them when every other picture is a repetition. */
  readonly stillness: number
  /** Longest part of the segment in which the source changes and the rendition stays as it is; 1 is all of it. */
  readonly frozen: number
}

/** Steps of the source that change less, as a mean square of brightness, say nothing. */
const MOVES = 1
/** A rendition that changes by less than this part of its source's change stands still. */
const STANDS = 0.05
/** Frozen means that the source went so far, as a mean square, while the rendition did not follow. */
const WENT = 6
const PLACES = 9
const PARTS = 3

/** The pairs are in the order of their presentation. */
export function motionOf(pairs: readonly PicturePair[]): Motion {
  const parts = Array.from({ length: PARTS }, (_, i) =>
    pairs.slice(Math.floor((i * pairs.length) / PARTS), Math.floor(((i + 1) * pairs.length) / PARTS)),
  )
  const known = parts.map((part) => likenessOver(part, PLACES / PARTS + 2)).filter((value) => value !== undefined)
  return {
    motion: likenessOver(pairs, PLACES),
    worstMotion: known.length > 0 ? Math.min(...known) : undefined,
    stillness: stillnessOf(pairs),
    frozen: longestFreeze(pairs) / Math.max(1, pairs.length - 1),
  }
}

function likenessOver(pairs: readonly PicturePair[], places: number): number | undefined {
  const count = Math.min(places, pairs.length)
  if (count < 2) return undefined
  const chosen = Array.from({ length: count }, (_, i) => pairs[Math.floor((i * (pairs.length - 1)) / (count - 1))]!)
  return motionLikeness(
    chosen.map(({ source }) => source),
    chosen.map(({ rendition }) => rendition),
  )
}

function stillnessOf(pairs: readonly PicturePair[]): number {
  let still = 0
  let all = 0
  for (let i = 1; i < pairs.length; i++) {
    const step = meanSquare(pairs[i - 1]!.source, pairs[i]!.source)
    if (step < MOVES) continue
    all += step
    if (meanSquare(pairs[i - 1]!.rendition, pairs[i]!.rendition) < STANDS * step) still += step
  }
  return all === 0 ? 0 : still / all
}

function longestFreeze(pairs: readonly PicturePair[]): number {
  let longest = 0
  for (let from = 0; from + longest + 1 < pairs.length; from++) {
    for (let to = from + 1; to < pairs.length; to++) {
      if (meanSquare(pairs[from]!.rendition, pairs[to]!.rendition) > 1) break
      const went = meanSquare(pairs[from]!.source, pairs[to]!.source)
      if (went > WENT && to - from > longest) longest = to - from
    }
  }
  return longest
}

function meanSquare(a: Luma, b: Luma): number {
  let sum = 0
  for (let i = 0; i < a.data.length; i++) {
    const step = a.data[i]! - b.data[i]!
    sum += step * step
  }
  return sum / a.data.length
}
