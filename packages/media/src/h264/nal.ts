import { concatBytes } from '@millrace/base'
import { BadMediaError } from './errors.ts'

/** NAL unit types of H.264 (ISO 14496-10 table 7-1). */
export const NAL = { slice: 1, idr: 5, sei: 6, sps: 7, pps: 8, aud: 9 } as const

/** NAL unit types of HEVC (ISO 23008-2 table 7-1). */
export const HEVC_NAL = { blaFirst: 16, cra: 21, irapLast: 23, vps: 32, sps: 33, pps: 34, aud: 35 } as const

const START_CODE = Uint8Array.of(0, 0, 0, 1)
const AUD_H264 = Uint8Array.of(0, 0, 0, 1, 9, 0xf0)
const AUD_HEVC = Uint8Array.of(0, 0, 0, 1, 0x46, 0x01, 0x50)

/** The NAL units of an Annex B byte stream, as views without start codes. */
export function* splitAnnexB(data: Uint8Array): Generator<Uint8Array> {
  let start = -1
  let at = 0
  for (;;) {
    const found = findStartCode(data, at)
    if (found < 0) break
    if (start >= 0) yield trimZeros(data, start, found)
    start = found + 3
    at = start
  }
  if (start >= 0 && start < data.length) yield trimZeros(data, start, data.length)
}

/** The index of the next 00 00 01, or -1. */
export function findStartCode(data: Uint8Array, from: number): number {
  const end = data.length - 2
  for (let i = from; i < end; ) {
    const third = data[i + 2]!
    if (third > 1) i += 3
    else if (third === 1) {
      if (data[i] === 0 && data[i + 1] === 0) return i
      i += 3
    } else i++
  }
  return -1
}

// A NAL unit never ends with a zero byte: zeros before the next start code belong to that.
function trimZeros(data: Uint8Array, start: number, end: number): Uint8Array {
  while (end > start && data[end - 1] === 0) end--
  return data.subarray(start, end)
}

/** The NAL units of an access unit with length prefixes (AVCC/HVCC); throws `bad_nal_length` when a length runs over the end. */
export function* splitLengthPrefixed(data: Uint8Array, lengthSize: number): Generator<Uint8Array> {
  let at = 0
  while (at < data.length) {
    if (at + lengthSize > data.length) throw new BadMediaError('bad_nal_length', 'the length of a NAL unit is cut off')
    let length = 0
    for (let i = 0; i < lengthSize; i++) length = length * 256 + data[at + i]!
    at += lengthSize
    if (length > data.length - at)
      throw new BadMediaError('bad_nal_length', `a NAL unit claims ${length} bytes, ${data.length - at} are there`)
    if (length > 0) yield data.subarray(at, at + length)
    at += length
  }
}

/** Joins NAL units to an Annex B access unit. */
export function joinAnnexB(nals: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const nal of nals) length += 4 + nal.length
  const out = new Uint8Array(length)
  let at = 0
  for (const nal of nals) {
    out.set(START_CODE, at)
    out.set(nal, at + 4)
    at += 4 + nal.length
  }
  return out
}

export const nalType = (nal: Uint8Array): number => nal[0]! & 0x1f
export const hevcNalType = (nal: Uint8Array): number => (nal[0]! >> 1) & 0x3f

/** What an access unit holds, found by its NAL headers alone. */
export type AccessUnitFacts = {
  readonly key: boolean
  readonly slices: number
  readonly hasAud: boolean
  readonly sps: Uint8Array | undefined
  readonly pps: Uint8Array | undefined
}

/** Looks through an Annex B access unit of H.264 or HEVC. */
export function inspectAccessUnit(data: Uint8Array, codec: 'h264' | 'hevc'): AccessUnitFacts {
  let key = false
  let slices = 0
  let hasAud = false
  let sps: Uint8Array | undefined
  let pps: Uint8Array | undefined
  for (const nal of splitAnnexB(data)) {
    if (nal.length === 0) continue
    if (codec === 'h264') {
      const type = nalType(nal)
      if (type >= NAL.slice && type <= NAL.idr) slices++
      if (type === NAL.idr) key = true
      else if (type === NAL.aud) hasAud = true
      else if (type === NAL.sps) sps ??= nal
      else if (type === NAL.pps) pps ??= nal
      // Parameter sets come before slices: the rest of a large access unit need not be searched.
      else if (type === NAL.slice && sps === undefined) return { key, slices, hasAud, sps, pps }
    } else {
      const type = hevcNalType(nal)
      if (type < 32) slices++
      if (type >= HEVC_NAL.blaFirst && type <= HEVC_NAL.irapLast) key = true
      else if (type === HEVC_NAL.aud) hasAud = true
      else if (type === HEVC_NAL.sps) sps ??= nal
      else if (type === HEVC_NAL.pps) pps ??= nal
    }
    if (key && sps && pps) break
  }
  return { key, slices, hasAud, sps, pps }
}

/** The access unit with an access unit delimiter in front, which HLS players expect (ISO 13818-1 section 2.14). */
export function withDelimiter(data: Uint8Array, codec: 'h264' | 'hevc', hasAud: boolean): readonly Uint8Array[] {
  return hasAud ? [data] : [codec === 'h264' ? AUD_H264 : AUD_HEVC, data]
}

/** Removes the emulation prevention bytes of a NAL unit (ISO 14496-10 section 7.4.1.1). */
export function withoutEmulation(nal: Uint8Array): Uint8Array {
  let found = false
  for (let i = 2; i < nal.length; i++)
    if (nal[i] === 3 && nal[i - 1] === 0 && nal[i - 2] === 0) {
      found = true
      break
    }
  if (!found) return nal
  const out = new Uint8Array(nal.length)
  let length = 0
  let zeros = 0
  for (const byte of nal) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0
      continue
    }
    out[length++] = byte
    zeros = byte === 0 ? zeros + 1 : 0
  }
  return out.subarray(0, length)
}

/** Puts parameter sets in front of an access unit. */
export const prependNals = (nals: readonly Uint8Array[], accessUnit: Uint8Array): Uint8Array =>
  concatBytes(joinAnnexB(nals), accessUnit)
