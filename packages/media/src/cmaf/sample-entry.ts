import { concatBytes } from '@millrace/base'
import { withoutEmulation } from '../h264/nal.ts'
import { parseHevcSps, parseSps } from '../h264/sps.ts'
import { box, fullBox, u8, u16, u32 } from '../remux/mp4-boxes.ts'
import type { CmafTrack } from './track.ts'
import { vp9Level } from './vp9.ts'

/** The sample entry of a track, with the decoder's configuration inside (ISO 14496-12 section 8.5.2). */
export function sampleEntry(track: CmafTrack): Uint8Array {
  switch (track.codec) {
    case 'h264':
      return visual('avc1', track, box('avcC', avcConfig(track.sps, track.pps)))
    case 'hevc':
      return visual('hvc1', track, box('hvcC', hevcConfig(track.vps, track.sps, track.pps)))
    case 'av1':
      return visual('av01', track, box('av1C', track.config))
    case 'vp9': {
      const { profile, bitDepth, chroma } = track.facts
      const level = vp9Level(track.width, track.height)
      // 2 stands for colours that are not specified.
      return visual('vp09', track, fullBox('vpcC', 1, 0, u8(profile, level, bitDepth * 16 + chroma * 2, 2, 2, 2, 0, 0)))
    }
    case 'aac':
      return audio('mp4a', track, fullBox('esds', 0, 0, esDescriptor(track.config)))
    case 'opus':
      return audio(
        'Opus',
        track,
        box('dOps', u8(0, track.channels), u16(track.preSkip), u32(track.sampleRate), u16(0), u8(0)),
      )
  }
}

const visual = (
  type: string,
  { width, height }: { readonly width: number; readonly height: number },
  config: Uint8Array,
) =>
  box(
    type,
    u8(0, 0, 0, 0, 0, 0, 0, 1),
    u32(0, 0, 0, 0),
    u16(width, height),
    // 72 dots per inch.
    u32(0x480000, 0x480000, 0),
    u16(1),
    new Uint8Array(32),
    u16(24, 0xffff),
    config,
  )

const audio = (
  type: string,
  { channels, sampleRate }: { readonly channels: number; readonly sampleRate: number },
  config: Uint8Array,
) =>
  box(
    type,
    u8(0, 0, 0, 0, 0, 0, 0, 1),
    u32(0, 0),
    u16(channels, 16, 0, 0),
    // A rate that does not fit into 16 bits is told by the decoder's configuration alone.
    u32(sampleRate < 0x10000 ? sampleRate * 0x10000 : 0),
    config,
  )

/** AVCDecoderConfigurationRecord with lengths of 4 bytes (ISO 14496-15 section 5.3.3.1). */
function avcConfig(sps: readonly Uint8Array[], pps: readonly Uint8Array[]): Uint8Array {
  const first = sps[0]!
  const parts = [u8(1, first[1]!, first[2]!, first[3]!, 0xff, 0xe0 | sps.length), ...sps.flatMap(counted)]
  parts.push(u8(pps.length), ...pps.flatMap(counted))
  // The profiles above Main say more about their samples.
  if ([100, 110, 122, 144].includes(first[1]!)) {
    const { chromaFormat, bitDepth } = parseSps(first)
    parts.push(u8(0xfc | chromaFormat, 0xf8 | (bitDepth - 8), 0xf8 | (bitDepth - 8), 0))
  }
  return concatBytes(...parts)
}

/** HEVCDecoderConfigurationRecord with lengths of 4 bytes (ISO 14496-15 section 8.3.3.1). */
function hevcConfig(vps: readonly Uint8Array[], sps: readonly Uint8Array[], pps: readonly Uint8Array[]): Uint8Array {
  const { chromaFormat, bitDepth, bitDepthChroma } = parseHevcSps(sps[0]!)
  const head = hevcProfile(sps[0]!)
  const arrays = [
    [32, vps],
    [33, sps],
    [34, pps],
  ].filter(([, sets]) => (sets as readonly Uint8Array[]).length > 0) as [number, readonly Uint8Array[]][]
  return concatBytes(
    u8(1),
    head.general,
    u8(0xf0, 0, 0xfc, 0xfc | chromaFormat, 0xf8 | (bitDepth - 8), 0xf8 | (bitDepthChroma - 8), 0, 0),
    u8((head.layers << 3) | (head.nested << 2) | 3, arrays.length),
    ...arrays.flatMap(([type, sets]) => [u8(0x80 | type), u16(sets.length), ...sets.flatMap(counted)]),
  )
}

/** The 12 bytes of profile, tier and level, and the temporal layers, of a sequence parameter set. */
export function hevcProfile(sps: Uint8Array) {
  const bytes = withoutEmulation(sps.subarray(0, 64))
  const first = bytes[2] ?? 0
  return { general: bytes.subarray(3, 15), layers: ((first >> 1) & 7) + 1, nested: first & 1 }
}

const counted = (set: Uint8Array): Uint8Array[] => [u16(set.length), set]

/** ES descriptor of ISO 14496-1 with an AAC decoder configuration inside. */
const esDescriptor = (config: Uint8Array): Uint8Array =>
  concatBytes(
    u8(3, 23 + config.length, 0, 1, 0, 4, 15 + config.length, 0x40, 0x15, 0, 0, 0),
    u8(0, 0, 0, 0, 0, 0, 0, 0, 5, config.length, ...config, 6, 1, 2),
  )
