import { BLACK, type Canvas, WHITE } from './canvas.ts'

/** A clock for machines: 16 bits of milliseconds in a row of blocks along the upper edge, from left to right the highest first. */
export const CLOCK_BITS = 16
/** Height of the row, as a part of the picture's. */
export const CLOCK_HEIGHT = 0.07

/** Draws the time, modulo 65,536 ms. */
export function drawClock(canvas: Canvas, ms: number): void {
  const { width, height } = canvas
  const time = Math.round(ms) % 2 ** CLOCK_BITS
  for (let bit = 0; bit < CLOCK_BITS; bit++) {
    const color = time & (0x8000 >> bit) ? WHITE : BLACK
    canvas.rect((bit * width) / CLOCK_BITS, 0, width / CLOCK_BITS + 2, height * CLOCK_HEIGHT, color)
  }
}

/** Reads the time from a luma plane of any size. */
export function readClock(luma: Uint8Array, stride: number, width: number, height: number): number {
  let time = 0
  const y = Math.floor((height * CLOCK_HEIGHT) / 2)
  for (let bit = 0; bit < CLOCK_BITS; bit++) {
    const x = Math.floor(((bit + 0.5) * width) / CLOCK_BITS)
    if ((luma[y * stride + x] ?? 0) > 125) time |= 0x8000 >> bit
  }
  return time
}

/** How long ago the time was, in milliseconds; right as long as that is below a minute. */
export const clockAgeMs = (time: number, nowMs: number): number =>
  ((Math.round(nowMs) % 2 ** CLOCK_BITS) - time + 2 ** CLOCK_BITS) % 2 ** CLOCK_BITS
