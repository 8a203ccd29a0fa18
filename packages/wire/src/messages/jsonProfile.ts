import { WireError } from '../wire-error.ts'
import { PROFILE_PRESETS } from './profile-presets.ts'
import {
  type ChromaSubsampling,
  type CodecProfile,
  isCarriedByTs,
  type ProfileFormat,
  type VideoCodec,
  type VideoProfile,
} from './video-profile.ts'

/**
 * Reads the `profiles` of an auth webhook, of Livepeer-Transcode-Configuration or of a transcoding options file.
 * `bitrate` is bits per second, `gop` a text of seconds or `intra`; what MPEG-TS does not carry is asked for in MP4. Throws `invalid_profile` with the place of the fault.
 */
export function parseJsonProfiles(value: unknown, format: ProfileFormat = 'mpegts'): VideoProfile[] {
  if (!Array.isArray(value)) throw new WireError('invalid_profile', 'profiles must be a list')
  return value.map((item, index) => parseJsonProfile(item, index, format))
}

/** The profiles of preset names; throws `invalid_profile` for an unknown name. */
export function presetProfiles(names: readonly string[], format: ProfileFormat = 'mpegts'): VideoProfile[] {
  return names.map((name) => {
    const preset = PROFILE_PRESETS.get(name.trim())
    if (!preset)
      throw new WireError(
        'invalid_profile',
        `unknown preset ${JSON.stringify(name.slice(0, 64))}, expected one of ${[...PROFILE_PRESETS.keys()].join(', ')}`,
      )
    return { ...preset, format }
  })
}

function parseJsonProfile(item: unknown, index: number, format: ProfileFormat): VideoProfile {
  if (typeof item !== 'object' || item === null)
    throw new WireError('invalid_profile', `profiles[${index}] must be an object`)
  const json = item as Record<string, unknown>
  const at = (field: string) => `profiles[${index}].${field}`
  const number = (field: string, most = 0x7fffffff): number => {
    const value = json[field] ?? 0
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > most)
      throw new WireError('invalid_profile', `${at(field)} must be a whole number from 0 to ${most}`)
    return value
  }
  const text = (field: string): string => {
    const value = json[field] ?? ''
    if (typeof value !== 'string' || value.length > 256)
      throw new WireError('invalid_profile', `${at(field)} must be a short text`)
    return value
  }
  const one = <Value>(field: string, table: Readonly<Record<string, Value>>): Value | undefined => {
    const value = text(field)
    if (value === '') return undefined
    if (!Object.hasOwn(table, value))
      throw new WireError('invalid_profile', `${at(field)} must be one of ${Object.keys(table).join(', ')}`)
    return table[value]
  }

  const width = number('width')
  const height = number('height')
  const bitrateBps = number('bitrate')
  const fpsDen = number('fpsDen')
  const quality = number('quality', 63)
  const profile = one('profile', PROFILES)
  const codec = one('encoder', ENCODERS) ?? 'h264'
  const depth = json.colorDepth === undefined ? 8 : COLOR_DEPTHS[number('colorDepth', COLOR_DEPTHS.length - 1)]!
  const chroma = json.chromaFormat === undefined ? '420' : CHROMAS[number('chromaFormat', CHROMAS.length - 1)]!
  return {
    name: text('name') || `custom_${width}x${height}_${bitrateBps}`,
    width,
    height,
    bitrateBps,
    fps: number('fps'),
    ...(fpsDen !== 0 && { fpsDen }),
    format: isCarriedByTs(codec) ? format : 'mp4',
    ...(profile && { profile }),
    gopMs: parseGop(text('gop'), at('gop')),
    codec,
    ...(depth !== 8 && { colorDepth: depth }),
    ...(chroma !== '420' && { chroma }),
    ...(quality !== 0 && { quality }),
  }
}

function parseGop(text: string, at: string): number {
  if (text === '') return 0
  if (text === 'intra') return -1
  const seconds = /^\d{1,6}(\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN
  if (Number.isNaN(seconds))
    throw new WireError('invalid_profile', `${at} must be seconds such as "2.0", "0" or "intra"`)
  return Math.trunc(seconds * 1000)
}

const PROFILES: Readonly<Record<string, CodecProfile | undefined>> = {
  None: undefined,
  H264Baseline: 'baseline',
  H264Main: 'main',
  H264High: 'high',
  H264ConstrainedHigh: 'constrainedHigh',
}
const ENCODERS: Readonly<Record<string, VideoCodec>> = {
  'H.264': 'h264',
  HEVC: 'h265',
  VP8: 'vp8',
  VP9: 'vp9',
  AV1: 'av1',
}
const CHROMAS: readonly ChromaSubsampling[] = ['420', '422', '444']
const COLOR_DEPTHS: readonly number[] = [8, 9, 10, 12, 14, 16]
