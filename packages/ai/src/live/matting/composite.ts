import type { RgbPicture } from '../live-effect.ts'
import { type Places, placesOf, toGrid } from './resample.ts'

export type Background = {
  readonly background: 'blur' | 'colour' | 'greyscale' | 'mask' | 'none'
  /** As #rrggbb. */
  readonly colour: string
  readonly blur: number
}

/** Squares of the grid of the strongest and of the faintest blur, in pixels. */
const BLUR_PIXELS = { faint: 6, strong: 34 }
/** Below and above these the network is sure enough. */
const SURE = { background: 0.25, person: 0.75 }

/** Puts other backgrounds behind persons; keeps what it reckons with from picture to picture. */
export class Composite {
  #key = ''
  #alpha = new Uint8Array(0)
  #across: Places | undefined
  #down: Places | undefined

  /** `mask` has a square of values from 0 (background) to 1 (person); the picture is changed in place. */
  apply(picture: RgbPicture, mask: Float32Array, side: number, how: Background): RgbPicture {
    if (how.background === 'none') return picture
    const alpha = this.#scale(picture, mask, side)
    if (how.background === 'blur') this.#blur(picture, alpha, how.blur)
    else this.#plain(picture, alpha, how)
    return picture
  }

  /** The mask in the picture's size, 0 to 255, with a soft edge. */
  #scale({ width, height }: RgbPicture, mask: Float32Array, side: number): Uint8Array {
    const key = `${width}x${height}x${side}`
    if (key !== this.#key) {
      this.#key = key
      this.#alpha = new Uint8Array(width * height)
      this.#across = placesOf(width, side)
      this.#down = placesOf(height, side)
    }
    const [across, down] = [this.#across as Places, this.#down as Places]
    for (let y = 0; y < height; y++) {
      const top = (down.before[y] as number) * side
      const v = (down.weight[y] as number) / 256
      for (let x = 0; x < width; x++) {
        const at = top + (across.before[x] as number)
        const u = (across.weight[x] as number) / 256
        const upper = (mask[at] as number) * (1 - u) + (mask[at + 1] as number) * u
        const lower = (mask[at + side] as number) * (1 - u) + (mask[at + side + 1] as number) * u
        const value = upper * (1 - v) + lower * v
        const t = Math.min(1, Math.max(0, (value - SURE.background) / (SURE.person - SURE.background)))
        this.#alpha[y * width + x] = Math.round(255 * t * t * (3 - 2 * t))
      }
    }
    return this.#alpha
  }

  #plain({ data }: RgbPicture, alpha: Uint8Array, { background, colour }: Background): void {
    const [red, green, blue] = [1, 3, 5].map((i) => Number.parseInt(colour.slice(i, i + 2), 16)) as [
      number,
      number,
      number,
    ]
    for (let i = 0, at = 0; i < alpha.length; i++, at += 3) {
      const a = alpha[i] as number
      if (background === 'mask') {
        data[at] = data[at + 1] = data[at + 2] = a
        continue
      }
      if (a === 255) continue
      const [r, g, b] = [data[at] as number, data[at + 1] as number, data[at + 2] as number]
      const grey = (77 * r + 150 * g + 29 * b) >> 8
      const isGrey = background === 'greyscale'
      data[at] = mixed(r, isGrey ? grey : red, a)
      data[at + 1] = mixed(g, isGrey ? grey : green, a)
      data[at + 2] = mixed(b, isGrey ? grey : blue, a)
    }
  }

  /** The background as a coarse grid, drawn smoothly; the person's own colours are kept out of it, or a halo would show. */
  #blur(picture: RgbPicture, alpha: Uint8Array, strength: number): void {
    const { width, height, data } = picture
    const square = BLUR_PIXELS.faint + (BLUR_PIXELS.strong - BLUR_PIXELS.faint) * strength
    const columns = Math.max(2, Math.round(width / square))
    const rows = Math.max(2, Math.round(height / square))
    const grid = toGrid(picture, columns, rows, alpha)
    const across = placesOf(width, columns)
    const down = placesOf(height, rows)
    for (let y = 0; y < height; y++) {
      const top = (down.before[y] as number) * columns
      const v = (down.weight[y] as number) / 256
      for (let x = 0; x < width; x++) {
        const a = alpha[y * width + x] as number
        if (a === 255) continue
        const cell = (top + (across.before[x] as number)) * 3
        const below = cell + columns * 3
        const u = (across.weight[x] as number) / 256
        const at = (y * width + x) * 3
        for (let channel = 0; channel < 3; channel++) {
          const upper = (grid[cell + channel] as number) * (1 - u) + (grid[cell + 3 + channel] as number) * u
          const lower = (grid[below + channel] as number) * (1 - u) + (grid[below + 3 + channel] as number) * u
          data[at + channel] = mixed(data[at + channel] as number, upper * (1 - v) + lower * v, a)
        }
      }
    }
  }
}

const mixed = (person: number, background: number, alpha: number): number =>
  Math.round((person * alpha + background * (255 - alpha)) / 255)
