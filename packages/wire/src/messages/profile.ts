import { bigintToFixed, concatBytes, keccak256, utf8 } from '@millrace/base'
import { PEER_ERROR } from '../peer-errors.ts'
import type { VideoProfile as VideoProfileProto } from '../proto/generated/lp_rpc_pb.ts'
import { WireError } from '../wire-error.ts'
import type { ChromaSubsampling, CodecProfile, ProfileFormat, VideoCodec, VideoProfile } from './video-profile.ts'

/** The name a gateway of upstream gives a profile without one. */
export const senderDefaultName = (profile: Omit<VideoProfile, 'name'>): string =>
  `ffmpeg_${profile.width}x${profile.height}_${profile.bitrateBps}`

/** The name an orchestrator of upstream gives a profile without one; it differs, so the segment's signature fails. */
export const receiverDefaultName = (profile: Omit<VideoProfile, 'name'>): string =>
  `net_${profile.width}x${profile.height}_${profile.bitrateBps}`

/** The first 4 bytes of keccak256(name), by which a profile enters the segment's signature. */
export const profileId = (name: string): Uint8Array => keccak256(utf8(name)).subarray(0, 4)

/** Field numbers 33, 34 and 35 of SegData. */
export type FullProfilesField = 'fullProfiles' | 'fullProfiles2' | 'fullProfiles3'

/** The one list that carries the profiles: 3 if any needs a frame rate denominator, codec profile or GOP, else 2 if any is MP4, else 1. */
export function fullProfilesField(profiles: readonly VideoProfile[]): FullProfilesField {
  if (profiles.some((p) => (p.fpsDen ?? 0) !== 0 || p.profile !== undefined || p.gopMs !== 0)) return 'fullProfiles3'
  return profiles.some((p) => p.format === 'mp4') ? 'fullProfiles2' : 'fullProfiles'
}

/** A hash over everything that is asked of the renditions: per profile keccak256(name) and eleven 32-byte words, so that a contract can recompute it. */
export function profilesHash(profiles: readonly VideoProfile[]): Uint8Array {
  const words: Uint8Array[] = []
  for (const profile of profiles) {
    const p = profileToProto(profile)
    words.push(keccak256(utf8(p.name)))
    for (const value of [
      p.width,
      p.height,
      p.bitrate,
      p.fps,
      p.fpsDen,
      p.format,
      p.profile,
      p.gop,
      p.encoder,
      p.colorDepth,
      p.chromaFormat,
      p.quality,
    ])
      words.push(bigintToFixed(BigInt.asUintN(256, BigInt(value)), 32))
  }
  return keccak256(concatBytes(...words))
}

/** The profile as SegData carries it (VideoProfile, fields 16 to 28); throws `invalid_profile` when a number does not fit. */
export function profileToProto(profile: VideoProfile) {
  const depth = COLOR_DEPTHS.indexOf(profile.colorDepth ?? 8)
  if (depth < 0) throw new WireError('invalid_profile', `a color depth is one of ${COLOR_DEPTHS.join(', ')} bits`)
  return {
    name: profile.name || senderDefaultName(profile),
    width: int32(profile.width, 'width'),
    height: int32(profile.height, 'height'),
    bitrate: int32(profile.bitrateBps, 'bitrateBps'),
    fps: int32(profile.fps, 'fps'),
    format: FORMATS.indexOf(profile.format),
    fpsDen: int32(profile.fpsDen ?? 0, 'fpsDen'),
    profile: profile.profile ? CODEC_PROFILES.indexOf(profile.profile) + 1 : 0,
    // A negative distance means that every frame is a key frame.
    gop: profile.gopMs < 0 ? Math.max(profile.gopMs, -0x80000000) : int32(profile.gopMs, 'gopMs'),
    encoder: CODEC_NUMBERS[profile.codec],
    colorDepth: depth,
    chromaFormat: CHROMAS.indexOf(profile.chroma ?? '420'),
    quality: int32(profile.quality ?? 0, 'quality'),
  }
}

/** Reads a profile of SegData; throws `unknown_enum_value` with the text that upstream's orchestrators answer. */
export function profileFromProto(message: VideoProfileProto): VideoProfile {
  const { width, height, bitrate, fps, fpsDen, gop, quality } = message
  if (width < 0 || height < 0 || bitrate < 0)
    throw new WireError('invalid_profile', 'width, height and bitrate must not be negative')
  // What could not be written again would fail in the middle of the work, where the profiles are hashed.
  for (const [field, value] of Object.entries({ fps, fpsDen, quality })) int32(value, field)
  const format = FORMATS[message.format]
  if (!format) throw new WireError('unknown_enum_value', PEER_ERROR.unrecognizedFormat)
  const codecProfile = message.profile === 0 ? undefined : CODEC_PROFILES[message.profile - 1]
  if (message.profile !== 0 && !codecProfile)
    throw new WireError('unknown_enum_value', PEER_ERROR.unrecognizedCodecProfile)
  const codec = CODECS.get(message.encoder)
  if (!codec) throw new WireError('unknown_enum_value', PEER_ERROR.unrecognizedCodec)
  const colorDepth = COLOR_DEPTHS[message.colorDepth]
  const chroma = CHROMAS[message.chromaFormat]
  if (!colorDepth || !chroma) throw new WireError('unknown_enum_value', 'unrecognized color depth or chroma format')
  const profile = {
    width,
    height,
    bitrateBps: bitrate,
    fps,
    ...(fpsDen !== 0 && { fpsDen }),
    format,
    ...(codecProfile && { profile: codecProfile }),
    gopMs: gop,
    codec,
    ...(message.colorDepth !== 0 && { colorDepth }),
    ...(message.chromaFormat !== 0 && { chroma }),
    ...(quality !== 0 && { quality }),
  }
  return { name: message.name || receiverDefaultName(profile), ...profile }
}

/** AV1 is an addition: its number is far from those that may follow upstream's, and peers that do not know it answer "unrecognized video codec". */
const CODEC_NUMBERS: Readonly<Record<VideoCodec, number>> = { h264: 0, h265: 1, vp8: 2, vp9: 3, av1: 1000 }
const CODECS: ReadonlyMap<number, VideoCodec> = new Map(
  Object.entries(CODEC_NUMBERS).map(([codec, number]) => [number, codec as VideoCodec]),
)
/** Wire order: the index is the number. */
const FORMATS: readonly ProfileFormat[] = ['mpegts', 'mp4']
const CHROMAS: readonly ChromaSubsampling[] = ['420', '422', '444']
const COLOR_DEPTHS: readonly number[] = [8, 9, 10, 12, 14, 16]
/** 0 on the wire leaves the profile to the encoder. */
const CODEC_PROFILES: readonly CodecProfile[] = ['baseline', 'main', 'high', 'constrainedHigh']

function int32(value: number, field: string): number {
  if (!Number.isInteger(value) || value < 0 || value > 0x7fffffff)
    throw new WireError('invalid_profile', `${field} must be a whole number from 0 to 2^31-1, got ${value}`)
  return value
}
