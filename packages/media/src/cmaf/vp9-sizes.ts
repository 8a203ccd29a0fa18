import { BitReader } from '../h264/bit-reader.ts'
import { BadMediaError } from '../h264/errors.ts'
import { readVp9Header } from './vp9.ts'

export type Vp9Size = { readonly width: number; readonly height: number }

/**
 * Follows the size of each picture of a VP9 stream by the heads of its frames, as a decoder does: a picture between key frames may
 * be of another size, or of that of one that it is predicted from (VP9 bitstream specification sections 6.2 and 7.2).
 */
export class Vp9Sizes {
  readonly #slots: (Vp9Size | undefined)[] = Array.from({ length: 8 })

  /** The size of what a frame, or the last of a superframe, shows; undefined before the first key frame. Throws `bad_vp9` or `bad_bitstream`. */
  next(data: Uint8Array): Vp9Size | undefined {
    let shown: Vp9Size | undefined
    for (const frame of framesOf(data)) shown = this.#frame(frame) ?? shown
    return shown
  }

  #frame(data: Uint8Array): Vp9Size | undefined {
    const r = new BitReader(data.subarray(0, 64))
    if (r.bits(2) !== 2) throw new BadMediaError('bad_vp9', 'this is no VP9 frame: its marker is missing')
    const low = r.bits(1)
    const profile = r.bits(1) * 2 + low
    if (profile === 3) r.skip(1)
    if (r.flag()) return this.#slots[r.bits(3)]
    const isInter = r.flag()
    const isShown = r.flag()
    const isResilient = r.flag()
    if (!isInter) {
      const { width, height } = readVp9Header(data)
      const size = { width, height }
      this.#slots.fill(size)
      return size
    }
    const isIntra = isShown ? false : r.flag()
    if (!isResilient) r.skip(2)
    if (isIntra) {
      if (r.bits(24) !== 0x498342) throw new BadMediaError('bad_vp9', 'the sync code of an intra frame is missing')
      if (profile > 0) skipColour(r, profile)
      return this.#keep(r.bits(8), sizeOf(r), isShown)
    }
    const refresh = r.bits(8)
    const references = [0, 1, 2].map(() => {
      const slot = r.bits(3)
      r.skip(1)
      return slot
    })
    for (const slot of references) if (r.flag()) return this.#keep(refresh, this.#slots[slot], isShown)
    return this.#keep(refresh, sizeOf(r), isShown)
  }

  #keep(refresh: number, size: Vp9Size | undefined, isShown: boolean): Vp9Size | undefined {
    for (let slot = 0; slot < 8; slot++) if (refresh & (1 << slot)) this.#slots[slot] = size
    return isShown ? size : undefined
  }
}

const sizeOf = (r: BitReader): Vp9Size => ({ width: r.bits(16) + 1, height: r.bits(16) + 1 })

function skipColour(r: BitReader, profile: number): void {
  if (profile >= 2) r.skip(1)
  const isRgb = r.bits(3) === 7
  if (!isRgb) r.skip(1)
  if (profile === 1 || profile === 3) r.skip(isRgb ? 1 : 3)
}

/** The frames of a superframe, by the index at its end (annex B); a frame that is alone is returned as it is. */
function framesOf(data: Uint8Array): readonly Uint8Array[] {
  const marker = data.at(-1) ?? 0
  if (marker >> 5 !== 6) return [data]
  const count = (marker & 7) + 1
  const bytes = ((marker >> 3) & 3) + 1
  const index = data.length - 2 - count * bytes
  if (index < 0 || data[index] !== marker) return [data]
  const frames: Uint8Array[] = []
  let at = 0
  for (let i = 0; i < count; i++) {
    let size = 0
    for (let b = bytes - 1; b >= 0; b--) size = size * 256 + data[index + 1 + i * bytes + b]!
    if (size === 0 || at + size > index) throw new BadMediaError('bad_vp9', 'the index of a superframe is damaged')
    frames.push(data.subarray(at, at + size))
    at += size
  }
  return frames
}
