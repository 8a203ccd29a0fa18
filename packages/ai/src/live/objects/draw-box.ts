import type { RgbPicture } from '../live-effect.ts'

const LINE = 3

/** Draws the edge of a box whose left, top, right and bottom are parts of the picture, 0 to 1. */
export function drawBox(
  { width, height, data }: RgbPicture,
  box: readonly [number, number, number, number],
  colour: readonly [number, number, number],
): void {
  const [left, right] = [box[0], box[2]].map((at) => Math.round(at * (width - 1))) as [number, number]
  const [top, bottom] = [box[1], box[3]].map((at) => Math.round(at * (height - 1))) as [number, number]
  for (let y = top; y <= bottom; y++)
    for (let x = left; x <= right; x++) {
      const isEdge = y - top < LINE || bottom - y < LINE || x - left < LINE || right - x < LINE
      if (isEdge) data.set(colour, (y * width + x) * 3)
      // The inside of a large box is skipped in one step.
      else if (x < right - LINE) x = right - LINE
    }
}

/** The same colour for the same name, bright enough to be seen. */
export function colourOf(name: string): [number, number, number] {
  let hash = 0
  for (const sign of name) hash = (hash * 31 + (sign.codePointAt(0) as number)) % 997
  const part = (shift: number) => 80 + Math.round(175 * Math.abs(Math.sin(hash + shift)))
  return [part(0), part(2), part(4)]
}
