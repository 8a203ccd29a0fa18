import { equalBytes, MillraceError } from '@millrace/base'
import { BadMediaError } from '../h264/errors.ts'
import { HEVC_NAL, hevcNalType, NAL, nalType, splitAnnexB } from '../h264/nal.ts'
import { parseHevcSps, parseSps } from '../h264/sps.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { aacSampleRate, decodeAudioConfig } from '../ts/adts.ts'
import { readAv1Sequence } from './av1.ts'
import { OPUS_RATE, opusChannels } from './opus.ts'
import { readVp9Header, type Vp9Facts } from './vp9.ts'

type Picture = {
  readonly kind: 'video'
  readonly width: number
  readonly height: number
  /** Ticks of the track's clock in a second. */
  readonly timescale: number
}

type Sound = {
  readonly kind: 'audio'
  readonly sampleRate: number
  readonly channels: number
  readonly timescale: number
}

/** Everything that stands in an initialisation segment: a CMAF file has one track (ISO 23000-19 section 7.3). */
export type CmafTrack =
  | (Picture & { readonly codec: 'h264'; readonly sps: readonly Uint8Array[]; readonly pps: readonly Uint8Array[] })
  | (Picture & {
      readonly codec: 'hevc'
      readonly vps: readonly Uint8Array[]
      readonly sps: readonly Uint8Array[]
      readonly pps: readonly Uint8Array[]
    })
  | (Picture & { readonly codec: 'av1' /** Content of `av1C`. */; readonly config: Uint8Array })
  | (Picture & { readonly codec: 'vp9'; readonly facts: Vp9Facts })
  | (Sound & { readonly codec: 'aac' /** AudioSpecificConfig. */; readonly config: Uint8Array })
  | (Sound & {
      readonly codec: 'opus' /** Samples at 48 kHz that a player leaves out at the start. */
      readonly preSkip: number
    })

export const VIDEO_TIMESCALE = 90_000

/**
 * The track that a frame begins: a key frame of video with its parameter sets in band, or any frame of sound.
 * Undefined when the frame does not tell it, as a delta frame; throws `unsupported_codec`, or `bad_sps` and its like.
 */
export function cmafTrackOf(frame: CodedFrame): CmafTrack | undefined {
  if (frame.kind === 'video' && !frame.keyFrame) return undefined
  switch (frame.codec) {
    case 'h264':
      return h264Track(frame.data)
    case 'hevc':
      return hevcTrack(frame.data)
    case 'av1':
      return { kind: 'video', codec: 'av1', timescale: VIDEO_TIMESCALE, ...readAv1Sequence(frame.data) }
    case 'vp9': {
      const { width, height, facts } = readVp9Header(frame.data)
      return { kind: 'video', codec: 'vp9', timescale: VIDEO_TIMESCALE, width, height, facts }
    }
    case 'aac': {
      const aac = frame.config && decodeAudioConfig(frame.config)
      if (!frame.config || !aac) return undefined
      const sampleRate = aacSampleRate(aac)
      const { channels } = aac
      return { kind: 'audio', codec: 'aac', sampleRate, channels, timescale: sampleRate, config: frame.config }
    }
    case 'opus':
      return {
        kind: 'audio',
        codec: 'opus',
        sampleRate: OPUS_RATE,
        channels: opusChannels(frame.data),
        timescale: OPUS_RATE,
        preSkip: 0,
      }
    default:
      throw new MillraceError(
        'unsupported_codec',
        `CMAF is made of H.264, HEVC, AV1, VP9, AAC and Opus, not ${frame.codec}`,
      )
  }
}

/** True when frames of both may follow each other under one initialisation segment. */
export function sameTrack(a: CmafTrack, b: CmafTrack): boolean {
  if (a.codec !== b.codec || a.timescale !== b.timescale) return false
  if (a.kind === 'video' && b.kind === 'video' && (a.width !== b.width || a.height !== b.height)) return false
  const left = distinct(a)
  const right = distinct(b)
  return left.length === right.length && left.every((bytes, i) => equalBytes(bytes, right[i]!))
}

function distinct(track: CmafTrack): readonly Uint8Array[] {
  switch (track.codec) {
    case 'h264':
      return [...track.sps, ...track.pps]
    case 'hevc':
      return [...track.vps, ...track.sps, ...track.pps]
    case 'av1':
    case 'aac':
      return [track.config]
    case 'vp9':
      return [Uint8Array.of(track.facts.profile, track.facts.bitDepth, track.facts.chroma)]
    case 'opus':
      return [Uint8Array.of(track.channels)]
  }
}

function h264Track(data: Uint8Array): CmafTrack | undefined {
  const sps: Uint8Array[] = []
  const pps: Uint8Array[] = []
  for (const nal of splitAnnexB(data)) {
    if (nal.length === 0) continue
    const type = nalType(nal)
    if (type === NAL.sps) keep(sps, nal, 31)
    else if (type === NAL.pps) keep(pps, nal, 255)
    else if (type >= NAL.slice && type <= NAL.idr) break
  }
  if (sps.length === 0 || pps.length === 0) return undefined
  const { width, height } = parseSps(sps[0]!)
  return { kind: 'video', codec: 'h264', timescale: VIDEO_TIMESCALE, width, height, sps, pps }
}

function hevcTrack(data: Uint8Array): CmafTrack | undefined {
  const vps: Uint8Array[] = []
  const sps: Uint8Array[] = []
  const pps: Uint8Array[] = []
  for (const nal of splitAnnexB(data)) {
    if (nal.length < 2) continue
    const type = hevcNalType(nal)
    if (type === HEVC_NAL.vps) keep(vps, nal, 16)
    else if (type === HEVC_NAL.sps) keep(sps, nal, 16)
    else if (type === HEVC_NAL.pps) keep(pps, nal, 64)
    else if (type < HEVC_NAL.vps) break
  }
  if (sps.length === 0 || pps.length === 0) return undefined
  const { width, height } = parseHevcSps(sps[0]!)
  return { kind: 'video', codec: 'hevc', timescale: VIDEO_TIMESCALE, width, height, vps, sps, pps }
}

function keep(sets: Uint8Array[], nal: Uint8Array, most: number): void {
  if (nal.length > 0xffff) throw new BadMediaError('bad_sps', `a parameter set has ${nal.length} bytes`)
  // Encoders that repeat a set before every picture do not make two of it.
  if (sets.length < most && !sets.some((known) => equalBytes(known, nal))) sets.push(nal.slice())
}
