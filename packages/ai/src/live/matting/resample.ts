import type { RgbPicture } from '../live-effect.ts'

/** A picture scaled to a square of floats from 0 to `highest`, as networks take it; each value is the mean of the pixels that fall on it. */
export function toNetwork({ width, height, data }: RgbPicture, side: number, into: Float32Array, highest = 1): void {
  for (let y = 0; y < side; y++) {
    const top = Math.floor((y * height) / side)
    const bottom = Math.max(top + 1, Math.floor(((y + 1) * height) / side))
    for (let x = 0; x < side; x++) {
      const left = Math.floor((x * width) / side)
      const right = Math.max(left + 1, Math.floor(((x + 1) * width) / side))
      let [red, green, blue] = [0, 0, 0]
      for (let row = top; row < bottom; row++)
        for (let column = left; column < right; column++) {
          const at = (row * width + column) * 3
          red += data[at] as number
          green += data[at + 1] as number
          blue += data[at + 2] as number
        }
      const scale = highest / (255 * (bottom - top) * (right - left))
      const to = (y * side + x) * 3
      into[to] = red * scale
      into[to + 1] = green * scale
      into[to + 2] = blue * scale
    }
  }
}

/** Where a pixel of a larger row lies in a smaller one: the place before it, and how far it is to the next in 256ths. */
export type Places = { readonly before: Int32Array; readonly weight: Int32Array }

export function placesOf(large: number, small: number): Places {
  const before = new Int32Array(large)
  const weight = new Int32Array(large)
  for (let i = 0; i < large; i++) {
    const at = Math.min(small - 1, Math.max(0, ((i + 0.5) * small) / large - 0.5))
    before[i] = Math.min(Math.floor(at), Math.max(0, small - 2))
    weight[i] = small < 2 ? 0 : Math.round((at - (before[i] as number)) * 256)
  }
  return { before, weight }
}

/** The mean of each channel over the squares of a grid, as a small picture of floats. */
export function toGrid(
  { width, height, data }: RgbPicture,
  columns: number,
  rows: number,
  keep?: Uint8Array,
): Float32Array {
  const sums = new Float32Array(columns * rows * 3)
  const counts = new Float32Array(columns * rows)
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * rows) / height) * columns
    for (let x = 0; x < width; x++) {
      const weight = keep ? 256 - (keep[y * width + x] as number) : 1
      const cell = row + Math.floor((x * columns) / width)
      const at = (y * width + x) * 3
      counts[cell] = (counts[cell] as number) + weight
      for (let channel = 0; channel < 3; channel++)
        sums[cell * 3 + channel] = (sums[cell * 3 + channel] as number) + weight * (data[at + channel] as number)
    }
  }
  for (let cell = 0; cell < counts.length; cell++)
    for (let channel = 0; channel < 3; channel++)
      sums[cell * 3 + channel] = (sums[cell * 3 + channel] as number) / Math.max(counts[cell] as number, 1e-6)
  return sums
}
