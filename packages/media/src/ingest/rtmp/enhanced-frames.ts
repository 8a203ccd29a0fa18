import { MillraceError } from '@millrace/base'
import { obusOf } from '../../cmaf/av1.ts'
import { BadMediaError } from '../../h264/errors.ts'
import { decodeHevcConfig, type HevcConfig } from '../../h264/hvcc.ts'
import { HEVC_NAL, hevcNalType, joinAnnexB, splitLengthPrefixed } from '../../h264/nal.ts'
import { parseHevcSps } from '../../h264/sps.ts'
import type { FrameCodec } from '../../segment/segment.ts'

const SOUNDS: Readonly<Record<string, FrameCodec>> = {
  Opus: 'opus',
  fLaC: 'flac',
  'ac-3': 'ac3',
  'ec-3': 'eac3',
  '.mp3': 'mp3',
}

/** The codec of four letters of sound that is not AAC; throws `unsupported_codec`. */
export function soundOf(fourcc: string): FrameCodec {
  const codec = SOUNDS[fourcc]
  if (!codec) throw unsupported(`audio codec ${lettersOf(fourcc)}`)
  return codec
}

/** Turns the pictures of enhanced RTMP that are not H.264 into coded frames. */
export class EnhancedPictures {
  readonly codec: 'hevc' | 'av1' | 'vp9' | 'vp8'
  #hevc: HevcConfig | undefined
  #av1Sequence: Uint8Array | undefined

  /** Throws `unsupported_codec`. */
  constructor(fourcc: string) {
    const codec = ({ hvc1: 'hevc', av01: 'av1', vp09: 'vp9', vp08: 'vp8' } as const)[fourcc]
    if (!codec) throw unsupported(`video codec ${lettersOf(fourcc)}`)
    this.codec = codec
  }

  /** Takes a configuration; throws `bad_hevc_config`, `bad_sps` or `bad_av1`. */
  configure(data: Uint8Array): void {
    if (this.codec === 'hevc') {
      const config = decodeHevcConfig(data)
      for (const set of config.sets) if (hevcNalType(set) === HEVC_NAL.sps) parseHevcSps(set)
      this.#hevc = config
    } else if (this.codec === 'av1') {
      // After four bytes of av1C come the OBUs that a decoder needs first (AV1 in ISOBMFF section 2.3).
      if (data.length < 4) throw new BadMediaError('bad_av1', 'the AV1 configuration is cut off')
      this.#av1Sequence = data.length > 4 ? Uint8Array.from(data.subarray(4)) : undefined
    }
  }

  /** The frame's data and whether decoding can start there; undefined when there is nothing to decode it with. */
  frame(data: Uint8Array, isKey: boolean): { readonly data: Uint8Array; readonly keyFrame: boolean } | undefined {
    if (data.length === 0) return undefined
    if (this.codec === 'hevc') return this.#hevcFrame(data)
    if (this.codec !== 'av1' || !isKey) return { data, keyFrame: isKey }
    const hasSequence = [...obusOf(data)].some(({ type }) => type === 1)
    if (hasSequence) return { data, keyFrame: true }
    return this.#av1Sequence && { data: Buffer.concat([this.#av1Sequence, data]), keyFrame: true }
  }

  #hevcFrame(data: Uint8Array): { readonly data: Uint8Array; readonly keyFrame: boolean } | undefined {
    if (!this.#hevc) return undefined
    const nals: Uint8Array[] = []
    let keyFrame = false
    let inBand = false
    let slices = 0
    for (const nal of splitLengthPrefixed(data, this.#hevc.lengthSize)) {
      if (nal.length < 2) continue
      const type = hevcNalType(nal)
      if (type === HEVC_NAL.aud) continue
      if (type === HEVC_NAL.sps) {
        parseHevcSps(nal)
        inBand = true
      }
      if (type < HEVC_NAL.vps) slices++
      if (type >= HEVC_NAL.blaFirst && type <= HEVC_NAL.irapLast) keyFrame = true
      nals.push(nal)
    }
    if (slices === 0) return undefined
    return { data: joinAnnexB(keyFrame && !inBand ? [...this.#hevc.sets, ...nals] : nals), keyFrame }
  }
}

const lettersOf = (fourcc: string): string => (/^[a-zA-Z0-9 .-]{4}$/.test(fourcc) ? fourcc : 'unknown')

export const unsupported = (what: string) =>
  new MillraceError(
    'unsupported_codec',
    `${what} cannot be taken over RTMP: set the encoder to H.264 video and AAC audio`,
  )
