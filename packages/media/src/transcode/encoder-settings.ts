import { MillraceError } from '@millrace/base'
import type { VideoProfile } from '@millrace/wire'

/** How an encoder is set for a profile, the same for every engine. */
export type EncoderSettings = {
  readonly encoder: 'libx264' | 'libx265'
  readonly bitrate: number
  readonly minRate: number
  readonly bFrames: number
  /** Private options of the encoder. */
  readonly options: readonly (readonly [string, string])[]
}

const PRESETS = ['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow', 'slower', 'veryslow']

/**
 * LPMS's rules (ffmpeg.go): bit rate = least = most rate = buffer; baseline and constrained high without B-frames, others with 3;
 * a quality turns the bit rate into a mere cap. `lowDelay` is for pictures that are wanted one by one. Throws `unsupported_profile`.
 */
export function encoderSettings(
  profile: VideoProfile,
  preset: string,
  { lowDelay = false }: { readonly lowDelay?: boolean } = {},
): EncoderSettings {
  if (!PRESETS.includes(preset))
    throw new MillraceError('unsupported_profile', `there is no preset ${preset}: choose one of ${PRESETS.join(', ')}`)
  if (profile.codec !== 'h264' && profile.codec !== 'h265')
    throw new MillraceError(
      'unsupported_profile',
      `renditions in ${profile.codec} are not made here: ask for h264 or h265`,
    )
  if (!(profile.bitrateBps > 0) || profile.bitrateBps > 1e9 || !(profile.width > 0) || !(profile.height > 0))
    throw new MillraceError('unsupported_profile', `profile ${profile.name} needs a positive size and bit rate`)
  const options: [string, string][] = [
    ['preset', preset],
    ['forced-idr', '1'],
  ]
  let bFrames = 3
  if (profile.codec === 'h264' && profile.profile) {
    const name = profile.profile === 'constrainedHigh' ? 'high' : profile.profile
    options.push(['profile', name])
    if (profile.profile === 'baseline' || profile.profile === 'constrainedHigh') bFrames = 0
  }
  // Every picture comes out as soon as it went in: no pictures that wait for later ones.
  if (lowDelay) {
    bFrames = 0
    options.push(['tune', 'zerolatency'])
  }
  const quality = profile.quality ?? 0
  if (quality > 0) options.push(['crf', String(Math.min(quality, profile.codec === 'h264' ? 51 : 63))])
  // x265 writes a banner for every encoder that is opened.
  if (profile.codec === 'h265') options.push(['x265-params', 'log-level=none'])
  return {
    encoder: profile.codec === 'h264' ? 'libx264' : 'libx265',
    bitrate: profile.bitrateBps,
    minRate: quality > 0 ? 0 : profile.bitrateBps,
    bFrames,
    options,
  }
}
