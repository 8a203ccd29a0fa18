import { STEPS } from './field.ts'

/** The pieces of a mask that hang together, each with its pixels. */
export function components(
  inside: (pixel: number) => boolean,
  width: number,
  height: number,
): readonly (readonly number[])[] {
  const seen = new Uint8Array(width * height)
  const steps = STEPS(width)
  const found: number[][] = []
  for (let start = 0; start < seen.length; start++) {
    if (seen[start] || !inside(start)) continue
    const piece = [start]
    seen[start] = 1
    for (let next = 0; next < piece.length; next++) {
      const pixel = piece[next] as number
      const x = pixel % width
      const y = Math.floor(pixel / width)
      for (const [dx, dy, offset] of steps) {
        if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height) continue
        const neighbour = pixel + offset
        if (seen[neighbour] || !inside(neighbour)) continue
        seen[neighbour] = 1
        piece.push(neighbour)
      }
    }
    found.push(piece)
  }
  return found
}
