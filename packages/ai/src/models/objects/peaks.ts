/** What a detector saw; the box is left, top, right, bottom, each from 0 to 1. */
export type Detection = {
  readonly label: string
  readonly score: number
  readonly box: readonly [number, number, number, number]
}

export type Maps = {
  /** Cells along a side. */
  readonly side: number
  /** For each kind a plane of scores. */
  readonly scores: Float32Array
  /** Four planes: how far it is from a cell to the left, top, right and bottom of the thing, in pixels of the input. */
  readonly distances: Float32Array
  /** Pixels along a side of the input. */
  readonly inputSide: number
}

/** Two boxes of the same kind that share more than this are one thing. */
const SAME = 0.5

/** The peaks of CenterNet's maps above `threshold`, the most certain first; at most `limit`. */
export function peaks(maps: Maps, labels: readonly string[], threshold: number, limit: number): readonly Detection[] {
  const { side, scores, distances, inputSide } = maps
  const plane = side * side
  const found: Detection[] = []
  for (const [kind, label] of labels.entries())
    for (let cell = 0; cell < plane; cell++) {
      const score = scores[kind * plane + cell] as number
      if (score < threshold || !isPeak(scores, kind * plane, cell, side)) continue
      const x = ((cell % side) * inputSide) / side
      const y = (Math.floor(cell / side) * inputSide) / side
      const distance = (edge: number) => distances[edge * plane + cell] as number
      const within = (at: number) => Math.min(1, Math.max(0, at / inputSide))
      const box = [x - distance(0), y - distance(1), x + distance(2), y + distance(3)].map(within)
      found.push({ label, score, box: box as unknown as Detection['box'] })
    }
  const kept: Detection[] = []
  for (const next of found.sort((one, other) => other.score - one.score)) {
    if (kept.length >= limit) break
    if (!kept.some(({ label, box }) => label === next.label && overlap(box, next.box) > SAME)) kept.push(next)
  }
  return kept
}

/** The part of two boxes that they share. */
export function overlap(one: Detection['box'], other: Detection['box']): number {
  const width = Math.min(one[2], other[2]) - Math.max(one[0], other[0])
  const height = Math.min(one[3], other[3]) - Math.max(one[1], other[1])
  if (width <= 0 || height <= 0) return 0
  const area = (box: Detection['box']) => (box[2] - box[0]) * (box[3] - box[1])
  return (width * height) / (area(one) + area(other) - width * height)
}

function isPeak(scores: Float32Array, plane: number, cell: number, side: number): boolean {
  const column = cell % side
  const row = Math.floor(cell / side)
  const score = scores[plane + cell] as number
  for (let y = Math.max(0, row - 1); y <= Math.min(side - 1, row + 1); y++)
    for (let x = Math.max(0, column - 1); x <= Math.min(side - 1, column + 1); x++)
      if ((scores[plane + y * side + x] as number) > score) return false
  return true
}
