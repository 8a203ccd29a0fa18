import type { Picture } from '../../pictures/picture.ts'

/** A small picture in CIE L*a*b*, where distances are those that eyes see: three numbers a pixel. */
export type Field = { readonly width: number; readonly height: number; readonly lab: Float32Array }

/** The four neighbours: to the right and below, and how many pixels away their numbers are. */
export const STEPS = (width: number): readonly (readonly [dx: number, dy: number, offset: number])[] => [
  [1, 0, 1],
  [-1, 0, -1],
  [0, 1, width],
  [0, -1, -width],
]

/** CIE 1976 from sRGB under D65. */
export function fieldOf({ width, height, rgba }: Picture): Field {
  const lab = new Float32Array(width * height * 3)
  for (let at = 0, to = 0; at < rgba.length; at += 4, to += 3) {
    const [r, g, b] = [LINEAR[rgba[at] as number]!, LINEAR[rgba[at + 1] as number]!, LINEAR[rgba[at + 2] as number]!]
    const x = bend((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505)
    const y = bend(0.2126 * r + 0.7152 * g + 0.0722 * b)
    const z = bend((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089)
    lab[to] = 116 * y - 16
    lab[to + 1] = 500 * (x - y)
    lab[to + 2] = 200 * (y - z)
  }
  return { width, height, lab }
}

/** The square of the distance of two pixels' colours. */
export function colourDistance({ lab }: Field, one: number, other: number): number {
  const l = (lab[one * 3] as number) - (lab[other * 3] as number)
  const a = (lab[one * 3 + 1] as number) - (lab[other * 3 + 1] as number)
  const b = (lab[one * 3 + 2] as number) - (lab[other * 3 + 2] as number)
  return l * l + a * a + b * b
}

const LINEAR = Float64Array.from({ length: 256 }, (_, value) =>
  value <= 10 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
)

const bend = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116)
