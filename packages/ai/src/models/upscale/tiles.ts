/** A piece of a picture: what is computed, and the part of it that is kept. All in pixels of the source. */
export type Tile = { readonly outer: Area; readonly inner: Area }

export type Area = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/** Cuts a picture into tiles of at most `side`, each with up to `margin` pixels of its neighbours around it. */
export function* tiles(width: number, height: number, side: number, margin: number): Generator<Tile> {
  for (let y = 0; y < height; y += side)
    for (let x = 0; x < width; x += side) {
      const inner = { x, y, width: Math.min(side, width - x), height: Math.min(side, height - y) }
      const left = Math.max(0, x - margin)
      const top = Math.max(0, y - margin)
      const right = Math.min(width, x + inner.width + margin)
      const bottom = Math.min(height, y + inner.height + margin)
      yield { inner, outer: { x: left, y: top, width: right - left, height: bottom - top } }
    }
}
