import type { VideoProfile } from '@millrace/wire'
import { type Size, scaledSize } from '../transcode/scaled-size.ts'
import type { PictureCount } from './count.ts'

/** Encoders round sides to even numbers, each in its own way. */
const SIDE_TOLERANCE = 2
/** Pictures that cannot be decoded are left out, and a rate may be laid over the segments a little earlier or later. */
const FEWEST = 0.75
const MOST = 1.25
const FRAME_TOLERANCE = 2

/**
 * What is wrong with the size or the number of a rendition's pictures, as a sentence; undefined when nothing is.
 * A segment whose own pictures change their size, or are coded as fields, is not held against its rendition.
 */
export function countFault(rendition: PictureCount, source: PictureCount, profile: VideoProfile): string | undefined {
  if (isUniform(source)) {
    const wanted = scaledSize(profile, source, profile.codec)
    if (!isUniform(rendition) || !isNear(rendition, wanted))
      return `its pictures are ${rendition.width}x${rendition.height}, ${wanted.width}x${wanted.height} were asked for`
  }
  if (source.interlaced) return undefined
  const wanted = framesWanted(source, profile)
  if (rendition.frames < FEWEST * wanted - FRAME_TOLERANCE || rendition.frames > MOST * wanted + FRAME_TOLERANCE)
    return `it has ${rendition.frames} pictures, about ${Math.round(wanted)} were asked for`
  return spanFault(rendition, source)
}

/** Pictures at the ends may be missing, or a lower rate may leave them out: so long, and a slow picture's time. */
const SPAN_TOLERANCE_MS = 150

/** A rendition must last as long as its source. */
function spanFault(rendition: PictureCount, source: PictureCount): string | undefined {
  if (rendition.frames < 2 || source.frames < 2) return undefined
  const step = Math.max(rendition.spanMs / (rendition.frames - 1), source.spanMs / (source.frames - 1))
  if (Math.abs(rendition.spanMs - source.spanMs) <= SPAN_TOLERANCE_MS + 2 * step) return undefined
  return `its pictures span ${Math.round(rendition.spanMs)} ms, those of its source ${Math.round(source.spanMs)} ms`
}

function framesWanted(source: PictureCount, { fps, fpsDen = 1 }: VideoProfile): number {
  if (fps === 0 || source.frames < 2) return source.frames
  const durationMs = (source.spanMs * source.frames) / (source.frames - 1)
  return (durationMs * fps) / fpsDen / 1_000
}

const isUniform = ({ width, height, frames, pixels }: PictureCount): boolean =>
  pixels === BigInt(width) * BigInt(height) * BigInt(frames)

const isNear = (a: Size, b: Size): boolean =>
  Math.abs(a.width - b.width) <= SIDE_TOLERANCE && Math.abs(a.height - b.height) <= SIDE_TOLERANCE
