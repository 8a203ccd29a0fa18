import { BLACK, type Canvas, WHITE } from './canvas.ts'

/** Marks are numbers of 16 bits, drawn as a grid of 4 by 4 blocks that fills most of the picture: they survive 240p at 250 kb/s. */
export const MARK_BITS = 16
const GRID = 4
const MARGIN = 0.08

/** Draws a number; the highest bit is the block at the upper left. */
export function drawMark(canvas: Canvas, mark: number): void {
  const { width, height } = canvas
  const blockWidth = (width * (1 - 2 * MARGIN)) / GRID
  const blockHeight = (height * (1 - 2 * MARGIN)) / GRID
  for (let bit = 0; bit < MARK_BITS; bit++) {
    const x = width * MARGIN + (bit % GRID) * blockWidth
    const y = height * MARGIN + Math.floor(bit / GRID) * blockHeight
    canvas.rect(x, y, blockWidth, blockHeight, mark & (0x8000 >> bit) ? WHITE : BLACK)
  }
}

/** Reads the number from a luma plane of any size: each block by the mean of its middle. */
export function readMark(luma: Uint8Array, stride: number, width: number, height: number): number {
  let mark = 0
  const blockWidth = (width * (1 - 2 * MARGIN)) / GRID
  const blockHeight = (height * (1 - 2 * MARGIN)) / GRID
  for (let bit = 0; bit < MARK_BITS; bit++) {
    const left = Math.round(width * MARGIN + ((bit % GRID) + 0.35) * blockWidth)
    const top = Math.round(height * MARGIN + (Math.floor(bit / GRID) + 0.35) * blockHeight)
    let sum = 0
    let count = 0
    for (let y = top; y < top + blockHeight * 0.3; y++)
      for (let x = left; x < left + blockWidth * 0.3; x++) {
        sum += luma[y * stride + x] ?? 0
        count++
      }
    if (sum / count > 125) mark |= 0x8000 >> bit
  }
  return mark
}

/** Numbers that look random and are the same for the same seed; two that follow each other always differ. */
export function* markSequence(seed: number): Generator<number> {
  let state = (seed * 2654435761 + 0x9e3779b9) >>> 0
  let last = -1
  for (;;) {
    state ^= state << 13
    state >>>= 0
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    const mark = (state >>> 8) & 0xffff
    if (mark === last) continue
    last = mark
    yield mark
  }
}
