import type { RgbPicture } from '../live-effect.ts'

export type EffectParams = {
  readonly effect: 'none' | 'greyscale' | 'edges' | 'posterise' | 'tint'
  readonly amount: number
  readonly levels: number
  /** As #rrggbb. */
  readonly colour: string
}

/** Applies an effect to a picture, in place. */
export function applyEffect(picture: RgbPicture, params: EffectParams): RgbPicture {
  const { effect, amount } = params
  if (effect === 'none' || amount === 0) return picture
  if (effect === 'edges') return edges(picture, amount)
  const { data } = picture
  const [red, green, blue] = mapping(params)
  // One table a channel: what a value becomes hangs on the value, or on the brightness, alone.
  const byBrightness = effect !== 'posterise'
  const keep = Math.round((1 - amount) * 256)
  const mix = 256 - keep
  for (let at = 0; at < data.length; at += 3) {
    const r = data[at] as number
    const g = data[at + 1] as number
    const b = data[at + 2] as number
    const y = (77 * r + 150 * g + 29 * b) >> 8
    data[at] = (keep * r + mix * (red[byBrightness ? y : r] as number)) >> 8
    data[at + 1] = (keep * g + mix * (green[byBrightness ? y : g] as number)) >> 8
    data[at + 2] = (keep * b + mix * (blue[byBrightness ? y : b] as number)) >> 8
  }
  return picture
}

function mapping({ effect, levels, colour }: EffectParams): [Uint8Array, Uint8Array, Uint8Array] {
  if (effect === 'tint') {
    const at = (i: number) => Number.parseInt(colour.slice(i, i + 2), 16)
    return [scaledTo(at(1)), scaledTo(at(3)), scaledTo(at(5))]
  }
  if (effect === 'posterise') {
    const steps = Uint8Array.from({ length: 256 }, (_, value) =>
      Math.round((Math.min(levels - 1, Math.floor((value * levels) / 256)) * 255) / (levels - 1)),
    )
    return [steps, steps, steps]
  }
  const same = scaledTo(255)
  return [same, same, same]
}

const scaledTo = (top: number): Uint8Array => Uint8Array.from({ length: 256 }, (_, value) => (value * top) / 255)

/** White lines on black where brightness changes, by Sobel's operator. */
function edges({ width, height, data }: RgbPicture, amount: number): RgbPicture {
  const grey = new Uint8Array(width * height)
  for (let i = 0, at = 0; i < grey.length; i++, at += 3)
    grey[i] = (77 * (data[at] as number) + 150 * (data[at + 1] as number) + 29 * (data[at + 2] as number)) >> 8
  const keep = Math.round((1 - amount) * 256)
  const mix = 256 - keep
  for (let y = 0; y < height; y++) {
    const up = Math.max(0, y - 1) * width
    const row = y * width
    const down = Math.min(height - 1, y + 1) * width
    for (let x = 0; x < width; x++) {
      const left = x === 0 ? 0 : x - 1
      const right = x === width - 1 ? x : x + 1
      const at = (place: number) => grey[place] as number
      const across =
        at(up + right) + 2 * at(row + right) + at(down + right) - at(up + left) - 2 * at(row + left) - at(down + left)
      const along =
        at(down + left) + 2 * at(down + x) + at(down + right) - at(up + left) - 2 * at(up + x) - at(up + right)
      const edge = Math.min(255, Math.abs(across) + Math.abs(along))
      const to = (row + x) * 3
      for (let channel = 0; channel < 3; channel++)
        data[to + channel] = (keep * (data[to + channel] as number) + mix * edge) >> 8
    }
  }
  return { width, height, data }
}
