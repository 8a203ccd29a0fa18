import { findStartCode, hevcNalType, NAL, nalType, withoutEmulation } from '../h264/nal.ts'

const HEVC_PREFIX_SEI = 39
const USER_DATA_T35 = 4
/** United States, ATSC, "GA94", captions (ATSC A/53 part 4, section 6.2.3). */
const HEAD = [0xb5, 0x00, 0x31, 0x47, 0x41, 0x39, 0x34, 0x03] as const

/** Two bytes of a field of CEA-608, as they travel beside a picture; other captions are not told. */
export type CaptionPair = { readonly field: 1 | 2; readonly bytes: readonly [number, number] }

/**
 * The captions that an Annex B access unit carries in its SEI messages; undefined where it carries none, and an empty list where it says
 * that nothing is said. What is damaged is left out.
 */
export function closedCaptions(data: Uint8Array, codec: 'h264' | 'hevc'): CaptionPair[] | undefined {
  let found: CaptionPair[] | undefined
  for (let at = findStartCode(data, 0); at >= 0; ) {
    const nal = data.subarray(at + 3)
    if (nal.length < 2) return found
    const type = codec === 'h264' ? nalType(nal) : hevcNalType(nal)
    // Messages come before the slices, which need not be searched.
    if (codec === 'h264' ? type >= NAL.slice && type <= NAL.idr : type < 32) return found
    const next = findStartCode(data, at + 3)
    if (type === (codec === 'h264' ? NAL.sei : HEVC_PREFIX_SEI)) {
      const message = withoutEmulation(next < 0 ? nal : data.subarray(at + 3, next))
      const pairs = inSei(message, codec === 'h264' ? 1 : 2)
      if (pairs) found = [...(found ?? []), ...pairs]
    }
    at = next
  }
  return found
}

function inSei(nal: Uint8Array, headerBytes: number): CaptionPair[] | undefined {
  let found: CaptionPair[] | undefined
  for (let at = headerBytes; at + 2 < nal.length; ) {
    const [type, afterType] = sum(nal, at)
    const [size, start] = sum(nal, afterType)
    const payload = nal.subarray(start, start + size)
    const isCaptions = type === USER_DATA_T35 && HEAD.every((byte, i) => payload[i] === byte)
    if (isCaptions) found = [...(found ?? []), ...inCcData(payload.subarray(HEAD.length))]
    at = start + size
  }
  return found
}

/** Numbers of SEI messages go on while bytes are 255. */
function sum(bytes: Uint8Array, from: number): readonly [number, number] {
  let value = 0
  let at = from
  while (bytes[at] === 0xff) {
    value += 255
    at++
  }
  return [value + (bytes[at] ?? 0), at + 1]
}

function inCcData(bytes: Uint8Array): CaptionPair[] {
  const flags = bytes[0] ?? 0
  if ((flags & 0x40) === 0) return []
  const pairs: CaptionPair[] = []
  for (let i = 0; i < (flags & 0x1f); i++) {
    const [head, first, second] = bytes.subarray(2 + i * 3, 5 + i * 3)
    if (second === undefined) break
    const kind = head! & 3
    // Every byte carries a bit of parity on top.
    if ((head! & 4) !== 0 && kind < 2) pairs.push({ field: kind === 0 ? 1 : 2, bytes: [first! & 0x7f, second & 0x7f] })
  }
  return pairs
}
