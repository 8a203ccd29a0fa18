import { BadMediaError } from './errors.ts'

/** The decoder configuration of HEVC in MP4 and FLV: HEVCDecoderConfigurationRecord (ISO 14496-15 section 8.3.3.1). */
export type HevcConfig = {
  readonly lengthSize: number
  /** VPS, SPS and PPS in the order in which they stand. */
  readonly sets: readonly Uint8Array[]
}

const MAX_SETS = 64

/** Reads the record; throws `bad_hevc_config`. The parameter sets are copies. */
export function decodeHevcConfig(data: Uint8Array): HevcConfig {
  const cutOff = () =>
    new BadMediaError('bad_hevc_config', 'the HEVC decoder configuration is cut off or of an unknown version')
  if (data.length < 23 || data[0]! > 1) throw cutOff()
  const lengthSize = (data[21]! & 3) + 1
  if (lengthSize === 3) throw new BadMediaError('bad_hevc_config', 'NAL lengths of 3 bytes are not allowed')
  const sets: Uint8Array[] = []
  let at = 23
  for (let array = 0; array < data[22]!; array++) {
    if (at + 3 > data.length) throw cutOff()
    const count = data[at + 1]! * 256 + data[at + 2]!
    at += 3
    for (let i = 0; i < count; i++) {
      if (at + 2 > data.length) throw cutOff()
      const length = data[at]! * 256 + data[at + 1]!
      at += 2
      if (length < 2 || at + length > data.length || sets.length >= MAX_SETS) throw cutOff()
      sets.push(data.slice(at, at + length))
      at += length
    }
  }
  return { lengthSize, sets }
}
