import { BitReader } from '../h264/bit-reader.ts'
import { BadMediaError } from '../h264/errors.ts'
import { MAX_SIDE } from '../h264/sps.ts'

/** What `vpcC` tells of a stream (VP Codec ISO Media File Format Binding, version 1.0). */
export type Vp9Facts = {
  readonly profile: number
  readonly bitDepth: number
  /** 0 and 1: 4:2:0; 2: 4:2:2; 3: 4:4:4. */
  readonly chroma: number
}

/** Reads the uncompressed header of a VP9 key frame (VP9 bitstream specification section 6.2); throws `bad_vp9` or `bad_bitstream`. */
export function readVp9Header(data: Uint8Array): {
  readonly width: number
  readonly height: number
  readonly facts: Vp9Facts
} {
  const r = new BitReader(data.subarray(0, 64))
  if (r.bits(2) !== 2) throw new BadMediaError('bad_vp9', 'this is no VP9 frame: its marker is missing')
  const low = r.bits(1)
  const profile = r.bits(1) * 2 + low
  if (profile === 3) r.skip(1)
  if (r.flag() || r.flag()) throw new BadMediaError('bad_vp9', 'this VP9 frame is no key frame')
  r.skip(2)
  if (r.bits(24) !== 0x498342) throw new BadMediaError('bad_vp9', 'the sync code of a VP9 key frame is missing')
  const bitDepth = profile >= 2 ? (r.flag() ? 12 : 10) : 8
  const colourSpace = r.bits(3)
  let chroma = 1
  if (colourSpace !== 7) {
    r.skip(1)
    if (profile === 1 || profile === 3) {
      const x = r.flag()
      const y = r.flag()
      r.skip(1)
      chroma = x ? (y ? 1 : 2) : 3
    }
  } else {
    chroma = 3
    if (profile === 1 || profile === 3) r.skip(1)
  }
  const width = r.bits(16) + 1
  const height = r.bits(16) + 1
  if (width > MAX_SIDE || height > MAX_SIDE)
    throw new BadMediaError('picture_too_large', `pictures of ${width}x${height} are larger than ${MAX_SIDE} a side`)
  return { width, height, facts: { profile, bitDepth, chroma } }
}

/** Whether decoding can start with a frame, by its first bits; false for what is no VP9. */
export function isVp9Key(data: Uint8Array): boolean {
  const first = data[0] ?? 0
  if (first >> 6 !== 2) return false
  const profile = ((first >> 4) & 1) * 2 + ((first >> 5) & 1)
  // After the profile come show_existing_frame and frame_type, both 0 on a key frame.
  return (first & (profile === 3 ? 0x06 : 0x0c)) === 0
}

const LEVELS = [
  [36_864, 10],
  [73_728, 11],
  [122_880, 20],
  [245_760, 21],
  [552_960, 30],
  [983_040, 31],
  [2_228_224, 41],
  [8_912_896, 51],
] as const

/** The lowest level whose pictures may be this large. */
export const vp9Level = (width: number, height: number): number =>
  LEVELS.find(([pixels]) => width * height <= pixels)?.[1] ?? 61
