import { BitReader } from './bit-reader.ts'
import { BadMediaError } from './errors.ts'
import { withoutEmulation } from './nal.ts'

/** What a sequence parameter set says about the pictures. */
export type SpsFacts = {
  readonly profileIdc: number
  readonly constraints: number
  readonly levelIdc: number
  /** Size after cropping, in pixels. */
  readonly width: number
  readonly height: number
  readonly interlaced: boolean
  readonly chromaFormat: number
  readonly bitDepth: number
}

/** The largest side that is accepted; larger sizes in a damaged or hostile stream would make decoders allocate gigabytes. */
export const MAX_SIDE = 8192

const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135])

/** Reads an H.264 sequence parameter set (ISO 14496-10 section 7.3.2.1.1); throws `bad_sps`, `bad_bitstream` or `picture_too_large`. */
export function parseSps(nal: Uint8Array): SpsFacts {
  if (nal.length < 4 || (nal[0]! & 0x1f) !== 7) throw new BadMediaError('bad_sps', 'this is no sequence parameter set')
  const r = new BitReader(withoutEmulation(nal.subarray(1, 1024)))
  const profileIdc = r.bits(8)
  const constraints = r.bits(8)
  const levelIdc = r.bits(8)
  limit(r.ue(), 31, 'seq_parameter_set_id')
  let chromaFormat = 1
  let bitDepth = 8
  let separatePlanes = false
  if (HIGH_PROFILES.has(profileIdc)) {
    chromaFormat = limit(r.ue(), 3, 'chroma_format_idc')
    if (chromaFormat === 3) separatePlanes = r.flag()
    bitDepth = 8 + limit(r.ue(), 6, 'bit_depth_luma')
    limit(r.ue(), 6, 'bit_depth_chroma')
    r.skip(1)
    const listsPresent = r.flag()
    const lists = listsPresent ? (chromaFormat === 3 ? 12 : 8) : 0
    for (let i = 0; i < lists; i++) {
      const listPresent = r.flag()
      if (listPresent) skipScalingList(r, i < 6 ? 16 : 64)
    }
  }
  limit(r.ue(), 12, 'log2_max_frame_num')
  const orderType = limit(r.ue(), 2, 'pic_order_cnt_type')
  if (orderType === 0) limit(r.ue(), 12, 'log2_max_pic_order_cnt')
  else if (orderType === 1) {
    r.skip(1)
    r.se()
    r.se()
    const cycle = limit(r.ue(), 255, 'num_ref_frames_in_pic_order_cnt_cycle')
    for (let i = 0; i < cycle; i++) r.se()
  }
  limit(r.ue(), 16, 'max_num_ref_frames')
  r.skip(1)
  const mbWidth = r.ue() + 1
  const mapHeight = r.ue() + 1
  const frameMbsOnly = r.flag()
  if (!frameMbsOnly) r.skip(1)
  r.skip(1)
  const fieldFactor = frameMbsOnly ? 1 : 2
  let width = mbWidth * 16
  let height = mapHeight * 16 * fieldFactor
  if (width > MAX_SIDE || height > MAX_SIDE)
    throw new BadMediaError('picture_too_large', `pictures of ${width}x${height} are larger than ${MAX_SIDE} a side`, {
      width,
      height,
    })
  if (r.flag()) {
    const planar = chromaFormat === 0 || separatePlanes
    const unitX = planar || chromaFormat === 3 ? 1 : 2
    const unitY = (planar || chromaFormat !== 1 ? 1 : 2) * fieldFactor
    width -= unitX * (r.ue() + r.ue())
    height -= unitY * (r.ue() + r.ue())
  }
  if (width < 1 || height < 1) throw new BadMediaError('bad_sps', 'the cropping leaves no picture')
  return { profileIdc, constraints, levelIdc, width, height, interlaced: !frameMbsOnly, chromaFormat, bitDepth }
}

/** What an HEVC sequence parameter set says about the pictures; `bitDepth` is that of luma. */
export type HevcSpsFacts = {
  readonly width: number
  readonly height: number
  readonly chromaFormat: number
  readonly bitDepth: number
  readonly bitDepthChroma: number
}

/** Reads the facts of an HEVC sequence parameter set (ISO 23008-2 section 7.3.2.2); throws as `parseSps`. */
export function parseHevcSps(nal: Uint8Array): HevcSpsFacts {
  const r = new BitReader(withoutEmulation(nal.subarray(2, 1024)))
  r.skip(4)
  const subLayers = limit(r.bits(3), 6, 'sps_max_sub_layers')
  r.skip(1 + 88)
  r.skip(8)
  const present: { profile: boolean; level: boolean }[] = []
  for (let i = 0; i < subLayers; i++) present.push({ profile: r.flag(), level: r.flag() })
  if (subLayers > 0) r.skip((8 - subLayers) * 2)
  for (const layer of present) r.skip((layer.profile ? 88 : 0) + (layer.level ? 8 : 0))
  limit(r.ue(), 15, 'sps_seq_parameter_set_id')
  const chroma = limit(r.ue(), 3, 'chroma_format_idc')
  if (chroma === 3) r.skip(1)
  let width = r.ue()
  let height = r.ue()
  if (width > MAX_SIDE || height > MAX_SIDE)
    throw new BadMediaError('picture_too_large', `pictures of ${width}x${height} are larger than ${MAX_SIDE} a side`)
  if (r.flag()) {
    const unitX = chroma === 1 || chroma === 2 ? 2 : 1
    const unitY = chroma === 1 ? 2 : 1
    width -= unitX * (r.ue() + r.ue())
    height -= unitY * (r.ue() + r.ue())
  }
  if (width < 1 || height < 1) throw new BadMediaError('bad_sps', 'the cropping leaves no picture')
  const bitDepth = 8 + limit(r.ue(), 8, 'bit_depth_luma')
  const bitDepthChroma = 8 + limit(r.ue(), 8, 'bit_depth_chroma')
  return { width, height, chromaFormat: chroma, bitDepth, bitDepthChroma }
}

/** The CODECS string of HLS for an H.264 stream (RFC 6381). */
export function avcCodecString(sps: Uint8Array): string {
  const hex = (value: number) => value.toString(16).padStart(2, '0')
  return `avc1.${hex(sps[1] ?? 0)}${hex(sps[2] ?? 0)}${hex(sps[3] ?? 0)}`
}

function skipScalingList(r: BitReader, size: number): void {
  let last = 8
  let next = 8
  for (let i = 0; i < size; i++) {
    if (next !== 0) next = (last + r.se() + 256) % 256
    last = next === 0 ? last : next
  }
}

function limit(value: number, max: number, field: string): number {
  if (value > max)
    throw new BadMediaError('bad_sps', `${field} is ${value}, at most ${max} is allowed`, { field, value })
  return value
}
