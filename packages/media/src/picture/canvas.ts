/** A colour as luma and the two chroma values. */
export type Yuv = readonly [y: number, u: number, v: number]

export const WHITE: Yuv = [235, 128, 128]
export const BLACK: Yuv = [16, 128, 128]

/** A picture in planar YUV 4:2:0, as encoders take it. Sides must be even. */
export class Canvas {
  readonly width: number
  readonly height: number
  /** Luma plane, then the two chroma planes. */
  readonly data: Buffer

  constructor(width: number, height: number) {
    this.width = width
    this.height = height
    this.data = Buffer.alloc((width * height * 3) / 2)
  }

  /** Fills a rectangle; it is cut at the borders, and its sides are moved to even places for the chroma planes. */
  rect(x: number, y: number, width: number, height: number, [luma, u, v]: Yuv): void {
    const left = clamp(x, this.width)
    const right = clamp(x + width, this.width)
    const top = clamp(y, this.height)
    const bottom = clamp(y + height, this.height)
    for (let row = top; row < bottom; row++) this.data.fill(luma, row * this.width + left, row * this.width + right)
    const half = this.width >> 1
    const uAt = this.width * this.height
    const vAt = uAt + (uAt >> 2)
    for (let row = top >> 1; row < bottom >> 1; row++) {
      this.data.fill(u, uAt + row * half + (left >> 1), uAt + row * half + (right >> 1))
      this.data.fill(v, vAt + row * half + (left >> 1), vAt + row * half + (right >> 1))
    }
  }

  /**
   * Writes letters of a 5 by 7 dot font; each dot is a square of this size. Only the luma is written, which is half the work
   * of a frame: the ground should be grey.
   */
  text(x: number, y: number, text: string, dot: number, luma: number): void {
    let left = Math.round(x)
    const top = Math.round(y)
    for (const letter of text) {
      const rows = FONT[letter] ?? FONT[' ']!
      for (const [row, bits] of rows.entries())
        for (let column = 0; column < 5; column++) {
          if (!(bits & (16 >> column))) continue
          let end = column + 1
          while (end < 5 && bits & (16 >> end)) end++
          this.#luma(left + column * dot, top + row * dot, (end - column) * dot, dot, luma)
          column = end
        }
      left += 6 * dot
    }
  }

  #luma(x: number, y: number, width: number, height: number, luma: number): void {
    const right = Math.min(this.width, x + width)
    const bottom = Math.min(this.height, y + height)
    if (x < 0 || y < 0 || right <= x) return
    for (let row = y; row < bottom; row++) this.data.fill(luma, row * this.width + x, row * this.width + right)
  }

  copyFrom(other: Canvas): void {
    other.data.copy(this.data)
  }
}

const clamp = (value: number, limit: number): number => Math.min(limit, Math.max(0, Math.round(value / 2) * 2))

const FONT: Readonly<Record<string, readonly number[]>> = {
  ' ': [0, 0, 0, 0, 0, 0, 0],
  '0': [14, 17, 19, 21, 25, 17, 14],
  '1': [4, 12, 4, 4, 4, 4, 14],
  '2': [14, 17, 1, 6, 8, 16, 31],
  '3': [31, 2, 4, 2, 1, 17, 14],
  '4': [2, 6, 10, 18, 31, 2, 2],
  '5': [31, 16, 30, 1, 1, 17, 14],
  '6': [6, 8, 16, 30, 17, 17, 14],
  '7': [31, 1, 2, 4, 8, 8, 8],
  '8': [14, 17, 17, 14, 17, 17, 14],
  '9': [14, 17, 17, 15, 1, 2, 12],
  ':': [0, 4, 4, 0, 4, 4, 0],
  '.': [0, 0, 0, 0, 0, 12, 12],
  A: [14, 17, 17, 31, 17, 17, 17],
  C: [14, 17, 16, 16, 16, 17, 14],
  E: [31, 16, 16, 30, 16, 16, 31],
  I: [14, 4, 4, 4, 4, 4, 14],
  L: [16, 16, 16, 16, 16, 16, 31],
  M: [17, 27, 21, 21, 17, 17, 17],
  R: [30, 17, 17, 30, 20, 18, 17],
}
