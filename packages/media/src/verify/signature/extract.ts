import { CATEGORIES, type Element, type Rect } from './elements.ts'
import { ELEMENTS, FRAME_BYTES, type FrameSignature, WORDS } from './video-signature.ts'

const CELLS = 32
const THRESHOLD_PLACE = 0.333
/** The elements of which the words consist. */
const WORD_ELEMENTS: readonly (readonly number[])[] = [
  [210, 217, 219, 274, 334],
  [44, 175, 233, 270, 273],
  [57, 70, 103, 237, 269],
  [100, 285, 295, 337, 354],
  [101, 102, 111, 275, 296],
]

/** Brightness of a picture: rows of `stride` bytes. */
export type LumaPlane = {
  readonly width: number
  readonly height: number
  readonly stride: number
  readonly data: Uint8Array
}

const sizeOf = (rects: readonly Rect[]): number =>
  rects.reduce((sum, [left, top, right, bottom]) => sum + (right - left + 1) * (bottom - top + 1), 0)

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

/** Elements with the whole numbers by which sums of cells are multiplied, so that nothing of a category is rounded. */
const PREPARED = CATEGORIES.map(({ elements }) => {
  const sizes = elements.flatMap(({ plus, minus }) => [sizeOf(plus), ...(minus ? [sizeOf(minus)] : [])])
  const common = sizes.reduce((lcm, size) => (lcm / gcd(lcm, size)) * size, 1)
  return {
    common,
    elements: elements.map(({ plus, minus }: Element) => ({
      plus,
      plusFactor: common / sizeOf(plus),
      minus,
      minusFactor: minus ? common / sizeOf(minus) : 0,
    })),
  }
})

/** What a picture looks like, as 380 ternary elements: each says whether a part is darker, as light or lighter than another. */
export function frameSignature(plane: LumaPlane, pts: number): FrameSignature {
  const { table, unit } = summedCells(plane)
  const elements = new Uint8Array(FRAME_BYTES)
  const ternary = new Uint8Array(ELEMENTS)
  const contrasts: number[] = []
  let index = 0
  for (const category of PREPARED) {
    const grey = 128 * unit * category.common
    const values = category.elements.map(({ plus, plusFactor, minus, minusFactor }) => {
      const value = sumOf(table, plus) * plusFactor
      if (!minus) return value - grey
      const difference = value - sumOf(table, minus) * minusFactor
      contrasts.push(Math.floor((Math.abs(difference) * 8) / (unit * category.common)))
      return difference
    })
    const sorted = values.map(Math.abs).sort((a, b) => a - b)
    const threshold = sorted[Math.floor(values.length * THRESHOLD_PLACE)]!
    for (const value of values) {
      const level = value < -threshold ? 0 : value <= threshold ? 1 : 2
      ternary[index] = level
      const byte = Math.floor(index / 5)
      elements[byte] = elements[byte]! + level * 3 ** (4 - (index % 5))
      index++
    }
  }
  contrasts.sort((a, b) => a - b)
  const words = Uint8Array.from({ length: WORDS }, (_, word) =>
    WORD_ELEMENTS[word]!.reduce((value, element) => value * 3 + ternary[element]!, 0),
  )
  return { pts, confidence: Math.min(255, contrasts[contrasts.length >> 1]!), words, elements }
}

/**
 * Means of the 32 by 32 cells, added up from the upper left corner so that any rectangle takes four look-ups.
 * Cells differ in size by a row or a column; `unit` is what a brightness of 1 amounts to in each.
 */
function summedCells({ width, height, stride, data }: LumaPlane): {
  readonly table: Float64Array
  readonly unit: number
} {
  const sums = new Float64Array(CELLS * CELLS)
  const columns = Array.from({ length: CELLS + 1 }, (_, i) => Math.ceil((i * width) / CELLS))
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * CELLS) / height) * CELLS
    const line = y * stride
    for (let column = 0; column < CELLS; column++) {
      let sum = 0
      const end = line + columns[column + 1]!
      for (let at = line + columns[column]!; at < end; at++) sum += data[at]!
      sums[row + column] = sums[row + column]! + sum
    }
  }
  const across = sides(width)
  const down = sides(height)
  const table = new Float64Array((CELLS + 1) * (CELLS + 1))
  for (let y = 0; y < CELLS; y++) {
    let row = 0
    for (let x = 0; x < CELLS; x++) {
      row += sums[y * CELLS + x]! * across.factors[x]! * down.factors[y]!
      table[(y + 1) * (CELLS + 1) + x + 1] = table[y * (CELLS + 1) + x + 1]! + row
    }
  }
  return { table, unit: across.unit * down.unit }
}

/** By what sums over cells are multiplied to make all cells equally long; a picture smaller than the grid leaves cells empty. */
function sides(length: number): { readonly factors: readonly number[]; readonly unit: number } {
  const short = Math.max(1, Math.floor(length / CELLS))
  const long = length % CELLS === 0 ? 1 : short + 1
  const factors = Array.from({ length: CELLS }, (_, i) => {
    if (long === 1) return 1
    const last = (cell: number) => Math.ceil((length * cell) / CELLS) - 1
    return last(i + 1) - last(i) === short ? long : short
  })
  return { factors, unit: short * long }
}

function sumOf(table: Float64Array, rects: readonly Rect[]): number {
  let sum = 0
  for (const [left, top, right, bottom] of rects) {
    const above = top * (CELLS + 1)
    const below = (bottom + 1) * (CELLS + 1)
    sum += table[below + right + 1]! + table[above + left]! - table[above + right + 1]! - table[below + left]!
  }
  return sum
}
