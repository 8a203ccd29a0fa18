import { BitReader } from '../h264/bit-reader.ts'
import { BadMediaError } from '../h264/errors.ts'
import { MAX_SIDE } from '../h264/sps.ts'

const OBU_SEQUENCE = 1
const OBU_DELIMITER = 2
const OBU_FRAME_HEADER = 3
const OBU_FRAME = 6

type Obu = { readonly type: number; readonly whole: Uint8Array; readonly payload: Uint8Array }

/** The OBUs of a temporal unit in the low-overhead format (AV1 specification section 5.2); throws `bad_av1`. */
export function* obusOf(data: Uint8Array): Generator<Obu> {
  let at = 0
  while (at < data.length) {
    const start = at
    const head = data[at++]!
    if (head & 0x80) throw new BadMediaError('bad_av1', 'an OBU begins with a forbidden bit')
    if (head & 4) at++
    let size = data.length - at
    if (head & 2) {
      size = 0
      for (let i = 0; ; i++) {
        const byte = data[at++]
        if (byte === undefined || i > 4) throw new BadMediaError('bad_av1', 'the size of an OBU cannot be read')
        size += (byte & 0x7f) * 2 ** (7 * i)
        if (byte < 128) break
      }
    }
    if (size < 0 || at + size > data.length) throw new BadMediaError('bad_av1', 'an OBU runs over the end')
    yield { type: (head >> 3) & 15, whole: data.subarray(start, at + size), payload: data.subarray(at, at + size) }
    at += size
  }
}

/** A temporal unit as a sample: without its delimiter (AV1 in ISOBMFF section 2.4). */
export function av1Sample(data: Uint8Array): readonly Uint8Array[] {
  const kept: Uint8Array[] = []
  for (const obu of obusOf(data)) if (obu.type !== OBU_DELIMITER) kept.push(obu.whole)
  return kept
}

/** Whether decoding can start with a temporal unit: encoders put the sequence header in front of key frames. False for what cannot be read. */
export function isAv1Key(data: Uint8Array): boolean {
  try {
    for (const { type } of obusOf(data)) if (type === OBU_SEQUENCE) return true
  } catch {
    // What is damaged begins nothing.
  }
  return false
}

/** Whether a temporal unit shows a picture. */
export function hasAv1Picture(data: Uint8Array): boolean {
  for (const { type } of obusOf(data)) if (type === OBU_FRAME || type === OBU_FRAME_HEADER) return true
  return false
}

/** The content of `av1C` and the size, from the sequence header of a key frame; throws `bad_av1` or `bad_bitstream`. */
export function readAv1Sequence(data: Uint8Array): {
  readonly width: number
  readonly height: number
  readonly config: Uint8Array
} {
  for (const obu of obusOf(data)) {
    if (obu.type !== OBU_SEQUENCE) continue
    const { width, height, head } = sequence(obu.payload)
    const config = new Uint8Array(4 + obu.whole.length)
    config.set([0x81, ...head, 0])
    config.set(obu.whole, 4)
    return { width, height, config }
  }
  throw new BadMediaError('bad_av1', 'a key frame has no sequence header')
}

/** Reads a sequence header (AV1 specification section 5.5); the second and third byte of `av1C` are made of it. */
function sequence(payload: Uint8Array) {
  const r = new BitReader(payload.subarray(0, 1024))
  const profile = r.bits(3)
  r.skip(1)
  const reduced = r.flag()
  let level = 0
  let tier = 0
  if (reduced) level = r.bits(5)
  else {
    let modelLength = 0
    const timing = r.flag()
    if (timing) {
      r.skip(64)
      if (r.flag()) r.ue()
      if (r.flag()) {
        modelLength = r.bits(5) + 1
        r.skip(32 + 5 + 5)
      }
    }
    const initialDelay = r.flag()
    const points = r.bits(5) + 1
    for (let i = 0; i < points; i++) {
      r.skip(12)
      const pointLevel = r.bits(5)
      const pointTier = pointLevel > 7 ? r.bits(1) : 0
      if (i === 0) {
        level = pointLevel
        tier = pointTier
      }
      if (modelLength > 0 && r.flag()) r.skip(2 * modelLength + 1)
      if (initialDelay && r.flag()) r.skip(4)
    }
  }
  const widthBits = r.bits(4) + 1
  const heightBits = r.bits(4) + 1
  const width = r.bits(widthBits) + 1
  const height = r.bits(heightBits) + 1
  if (width > MAX_SIDE || height > MAX_SIDE)
    throw new BadMediaError('picture_too_large', `pictures of ${width}x${height} are larger than ${MAX_SIDE} a side`)
  if (!reduced && r.flag()) r.skip(7)
  r.skip(3)
  if (!reduced) skipTools(r)
  r.skip(3)
  return { width, height, head: [profile * 32 + level, tier * 128 + colour(r, profile)] }
}

function skipTools(r: BitReader): void {
  r.skip(4)
  const orderHint = r.flag()
  if (orderHint) r.skip(2)
  const screenContent = r.flag() ? 2 : r.bits(1)
  if (screenContent > 0 && !r.flag()) r.skip(1)
  if (orderHint) r.skip(3)
}

/** The bits high_bitdepth to chroma_sample_position of `av1C`, from color_config (AV1 specification section 5.5.2). */
function colour(r: BitReader, profile: number): number {
  const high = r.bits(1)
  const twelve = profile === 2 && high ? r.bits(1) : 0
  const mono = profile === 1 ? 0 : r.bits(1)
  let rgb = false
  // BT.709 primaries, the transfer of sRGB and the identity matrix mean RGB.
  if (r.flag()) rgb = r.bits(24) === 0x010d00
  let x = 1
  let y = 1
  let position = 0
  if (mono) r.skip(1)
  else if (rgb) x = y = 0
  else {
    r.skip(1)
    if (profile === 1) x = y = 0
    else if (profile === 2) {
      x = twelve ? r.bits(1) : 1
      y = twelve && x ? r.bits(1) : 0
    }
    if (x && y) position = r.bits(2)
  }
  return high * 64 + twelve * 32 + mono * 16 + x * 8 + y * 4 + position
}
