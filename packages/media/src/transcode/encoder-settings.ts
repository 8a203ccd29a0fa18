import { MillraceError } from '@millrace/base'
import { isCarriedByTs, type VideoCodec, type VideoProfile } from '@millrace/wire/profiles'

/** How an encoder is set for a profile, the same for every engine. */
export type EncoderSettings = {
  readonly encoder: EncoderName
  readonly bitrate: number
  /** 0 leaves it to the encoder. */
  readonly maxRate: number
  readonly minRate: number
  /** Bits that a better quality than this would need are not spent; 0 leaves it to the encoder. */
  readonly qMin: number
  readonly bFrames: number
  /** Private options of the encoder. */
  readonly options: readonly (readonly [string, string])[]
}

export type EncoderName = 'libx264' | 'libx265' | 'libvpx-vp9' | 'libsvtav1'

/** The libraries that make renditions, by codec. VP8 comes in, but nobody asks for it any more. */
export const ENCODERS: ReadonlyMap<VideoCodec, EncoderName> = new Map([
  ['h264', 'libx264'],
  ['h265', 'libx265'],
  ['vp9', 'libvpx-vp9'],
  ['av1', 'libsvtav1'],
])

/** The codecs as people write them. */
export const CODEC_NAMES: Readonly<Record<VideoCodec, string>> = {
  h264: 'H.264',
  h265: 'HEVC',
  vp8: 'VP8',
  vp9: 'VP9',
  av1: 'AV1',
}

const PRESETS = ['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow', 'slower', 'veryslow']
/** cpu-used of libvpx's real-time mode, by the place of the preset; older FFmpegs let no more than 8 through. */
const VP9_SPEEDS = [8, 8, 8, 7, 7, 6, 6, 5, 5]
/** Presets of SVT-AV1 that keep up with a live source. */
const AV1_PRESETS = [12, 12, 11, 11, 10, 10, 10, 10, 10]

/**
 * LPMS's rules (ffmpeg.go): bit rate = least = most rate = buffer; baseline and constrained high without B-frames, others with 3;
 * a quality turns the bit rate into a mere cap. `lowDelay` is for pictures that are wanted one by one. VP9 and AV1 are always encoded that way:
 * it is what their encoders do in real time. Throws `unsupported_profile`.
 */
export function encoderSettings(
  profile: VideoProfile,
  preset: string,
  { lowDelay = false }: { readonly lowDelay?: boolean } = {},
): EncoderSettings {
  if (!PRESETS.includes(preset))
    throw new MillraceError('unsupported_profile', `there is no preset ${preset}: choose one of ${PRESETS.join(', ')}`)
  const { codec, format, bitrateBps: bitrate } = profile
  const encoder = ENCODERS.get(codec)
  if (!encoder)
    throw new MillraceError(
      'unsupported_profile',
      `renditions in ${CODEC_NAMES[codec]} are not made here: ask for ${[...ENCODERS.keys()].map((known) => CODEC_NAMES[known]).join(', ')}`,
    )
  if (format === 'mpegts' && !isCarriedByTs(codec))
    throw new MillraceError('unsupported_profile', `MPEG-TS does not carry ${CODEC_NAMES[codec]}: ask for it in mp4`)
  if (!(bitrate > 0) || bitrate > 1e9 || !(profile.width > 0) || !(profile.height > 0))
    throw new MillraceError('unsupported_profile', `profile ${profile.name} needs a positive size and bit rate`)
  const quality = profile.quality ?? 0
  const speed = PRESETS.indexOf(preset)
  if (codec === 'vp9') return vp9Settings(bitrate, quality, VP9_SPEEDS[speed]!)
  if (codec === 'av1') return av1Settings(bitrate, quality, AV1_PRESETS[speed]!)
  const options: [string, string][] = [
    ['preset', preset],
    ['forced-idr', '1'],
  ]
  let bFrames = 3
  if (codec === 'h264' && profile.profile) {
    const name = profile.profile === 'constrainedHigh' ? 'high' : profile.profile
    options.push(['profile', name])
    if (profile.profile === 'baseline' || profile.profile === 'constrainedHigh') bFrames = 0
  }
  // Every picture comes out as soon as it went in: no pictures that wait for later ones.
  if (lowDelay) {
    bFrames = 0
    options.push(['tune', 'zerolatency'])
  }
  if (quality > 0) options.push(['crf', String(Math.min(quality, codec === 'h264' ? 51 : 63))])
  // x265 writes a banner for every encoder that is opened.
  if (codec === 'h265') options.push(['x265-params', 'log-level=none'])
  return { encoder, bitrate, maxRate: bitrate, minRate: quality > 0 ? 0 : bitrate, qMin: 0, bFrames, options }
}

/** The most pictures from one key frame to the next, where none is forced; 0 makes all of them key frames. `fps` is that of the rendition. */
export function gopSize({ gopMs, codec }: Pick<VideoProfile, 'gopMs' | 'codec'>, fps: number): number {
  // SVT-AV1 takes 1 for that. Its older versions do not hear of forced key frames, so that its own must lie where those would.
  const isAv1 = codec === 'av1'
  if (gopMs < 0) return isAv1 ? 1 : 0
  if (gopMs === 0) return 250
  const frames = (fps * gopMs) / 1_000
  return Math.max(1, isAv1 ? Math.round(frames) : Math.ceil(frames) * 2)
}

/** One picture out for each that goes in, and none is dropped. A quality is reached with fewer bits where that is possible. */
function vp9Settings(bitrate: number, quality: number, speed: number): EncoderSettings {
  const options: [string, string][] = [
    ['deadline', 'realtime'],
    ['cpu-used', String(speed)],
    ['row-mt', '1'],
    ['lag-in-frames', '0'],
    ['auto-alt-ref', '0'],
    // Bits go to what moves; spread evenly they are spent on what stands still.
    ['aq-mode', '3'],
    ['tile-columns', '2'],
  ]
  return {
    ...{ encoder: 'libvpx-vp9', bFrames: 0, options },
    ...{ bitrate, maxRate: bitrate, minRate: bitrate, qMin: quality },
  }
}

/** Low delay at a constant rate: the library's other structures look ahead. Its older versions refuse a most rate beside it. */
function av1Settings(bitrate: number, quality: number, preset: number): EncoderSettings {
  const options: [string, string][] = [
    ['preset', String(preset)],
    ['svtav1-params', 'rc=2:pred-struct=1:scd=0:lp=1'],
  ]
  return { ...{ encoder: 'libsvtav1', bFrames: 0, options }, ...{ bitrate, maxRate: 0, minRate: 0, qMin: quality } }
}
