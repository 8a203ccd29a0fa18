import { BadMediaError } from './errors.ts'
import { nalType, splitAnnexB } from './nal.ts'

/** The decoder configuration of H.264 in MP4 and FLV: AVCDecoderConfigurationRecord (ISO 14496-15 section 5.3.3.1). */
export type AvcConfig = {
  readonly lengthSize: number
  readonly sps: readonly Uint8Array[]
  readonly pps: readonly Uint8Array[]
}

/** Reads the record; throws `bad_avc_config`. The parameter sets are copies. */
export function decodeAvcConfig(data: Uint8Array): AvcConfig {
  if (data.length < 7 || data[0] !== 1)
    throw new BadMediaError('bad_avc_config', 'the H.264 decoder configuration is cut off or of an unknown version')
  const lengthSize = (data[4]! & 3) + 1
  if (lengthSize === 3) throw new BadMediaError('bad_avc_config', 'NAL lengths of 3 bytes are not allowed')
  let at = 5
  const read = (count: number): Uint8Array[] => {
    const sets: Uint8Array[] = []
    for (let i = 0; i < count; i++) {
      if (at + 2 > data.length) throw new BadMediaError('bad_avc_config', 'a parameter set is cut off')
      const length = data[at]! * 256 + data[at + 1]!
      at += 2
      if (length === 0 || at + length > data.length)
        throw new BadMediaError('bad_avc_config', 'a parameter set is cut off or empty')
      sets.push(data.slice(at, at + length))
      at += length
    }
    return sets
  }
  const sps = read(data[at++]! & 0x1f)
  if (at >= data.length) throw new BadMediaError('bad_avc_config', 'the picture parameter sets are missing')
  const pps = read(data[at++]!)
  return { lengthSize, sps, pps }
}

/** Writes the record with NAL lengths of 4 bytes. */
export function encodeAvcConfig(sps: Uint8Array, pps: Uint8Array): Uint8Array {
  const head = Uint8Array.of(1, sps[1]!, sps[2]!, sps[3]!, 0xff, 0xe1, sps.length >> 8, sps.length & 0xff)
  const out = new Uint8Array(head.length + sps.length + 3 + pps.length)
  out.set(head, 0)
  out.set(sps, head.length)
  out.set([1, pps.length >> 8, pps.length & 0xff], head.length + sps.length)
  out.set(pps, head.length + sps.length + 3)
  return out
}

/** An Annex B access unit of H.264 with 4-byte lengths instead of start codes; parameter sets and delimiters are left out. */
export function annexBToAvcc(data: Uint8Array): Uint8Array {
  const nals: Uint8Array[] = []
  let length = 0
  for (const nal of splitAnnexB(data)) {
    if (nal.length === 0) continue
    const type = nalType(nal)
    if (type === 7 || type === 8 || type === 9) continue
    nals.push(nal)
    length += 4 + nal.length
  }
  const out = new Uint8Array(length)
  const view = new DataView(out.buffer)
  let at = 0
  for (const nal of nals) {
    view.setUint32(at, nal.length)
    out.set(nal, at + 4)
    at += 4 + nal.length
  }
  return out
}
