import type { VideoCodec } from '@millrace/wire'

/** A picture's size. */
export type Size = { readonly width: number; readonly height: number }

/** The limits of LPMS for encoded sizes, which come from NVENC: every node answers alike. VP9 and AV1 are held to those of H.264. */
const LIMITS = {
  h264: { minWidth: 146, minHeight: 50, max: 4096 },
  h265: { minWidth: 132, minHeight: 40, max: 8192 },
} as const

/**
 * The size of a rendition as LPMS makes it: the source's aspect ratio is kept, the larger wanted side is laid along the source's
 * larger side, the other one follows and is even. A portrait source gets a portrait rendition.
 */
export function scaledSize(wanted: Size, source: Size, codec: VideoCodec = 'h264'): Size {
  const limit = LIMITS[codec === 'h265' ? 'h265' : 'h264']
  const larger = Math.max(wanted.width, wanted.height)
  const landscape = source.width >= source.height
  const along = landscape ? source.width : source.height
  const across = landscape ? source.height : source.width
  const minLong = landscape ? limit.minWidth : limit.minHeight
  const minShort = landscape ? limit.minHeight : limit.minWidth
  const factor = Math.max(larger / along, minLong / along, minShort / across)
  const long = Math.min(limit.max, even(along * factor))
  const short = Math.min(limit.max, Math.max(minShort, even(across * Math.min(factor, limit.max / along))))
  return landscape ? { width: long, height: short } : { width: short, height: long }
}

const even = (value: number): number => Math.max(2, Math.round(value / 2) * 2)
