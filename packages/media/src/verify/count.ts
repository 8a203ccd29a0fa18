import { type Pixels, ticksToMs } from '@millrace/base'
import { BadMediaError } from '../h264/errors.ts'
import { readMp4Frames } from '../remux/mp4-reader.ts'
import type { FrameCodec } from '../segment/segment.ts'
import type { Size } from '../transcode/scaled-size.ts'
import { demuxTs } from '../ts/demuxer.ts'
import { measurer } from './measure.ts'

/** A coded frame of sound, in place among the segment's bytes. */
export type SoundFrame = { readonly pts: number; readonly data: Uint8Array }

/** What a rendition's bytes claim to hold. */
export type PictureCount = {
  readonly codec: FrameCodec
  readonly frames: number
  /** Size of the first picture. */
  readonly width: number
  readonly height: number
  /** Width × height, summed over the pictures, as transcoding is sold. */
  readonly pixels: Pixels
  readonly firstIsKey: boolean
  /** From the first picture to the last, by their presentation times. */
  readonly spanMs: number
  /** Pictures may be coded as two fields each, so that their number says less. */
  readonly interlaced: boolean
  /** Presentation time of the earliest picture, in 90 kHz ticks. */
  readonly startTicks: number
  /** Bytes of the coded pictures. */
  readonly pictureBytes: number
  readonly sound: readonly SoundFrame[]
}

/**
 * Counts pictures and pixels of a segment from its bitstream, without decoding (a hundredth of the cost).
 * Throws `no_video_frames`, or `bad_media` codes when the segment cannot be read.
 */
export function countPixels(data: Uint8Array, container: 'mpegts' | 'mp4'): PictureCount {
  const all = container === 'mp4' ? readMp4Frames(data) : demuxTs(data).frames
  const measure = measurer()
  let first: Size | undefined
  let pixels = 0n
  let frames = 0
  let codec: FrameCodec = 'data'
  let firstIsKey = false
  let interlaced = false
  let pictureBytes = 0
  let earliest = Number.POSITIVE_INFINITY
  let latest = Number.NEGATIVE_INFINITY
  for (const frame of all) {
    if (frame.kind !== 'video') continue
    const picture = measure(frame)
    interlaced ||= picture?.interlaced ?? false
    const size = picture?.size
    if (!size) continue
    if (frames === 0) {
      first = size
      codec = frame.codec
      firstIsKey = picture.key
    }
    frames++
    pictureBytes += frame.data.length
    earliest = Math.min(earliest, frame.pts)
    latest = Math.max(latest, frame.pts)
    pixels += BigInt(size.width) * BigInt(size.height)
  }
  if (!first) throw new BadMediaError('no_video_frames', 'the segment holds no picture')
  return {
    codec,
    frames,
    ...first,
    pixels,
    firstIsKey,
    spanMs: ticksToMs(latest - earliest),
    interlaced,
    startTicks: earliest,
    pictureBytes,
    sound: all.filter((frame) => frame.kind === 'audio').map(({ pts, data }) => ({ pts, data })),
  }
}
