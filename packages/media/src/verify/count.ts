import type { Pixels } from '@millrace/base'
import { BadMediaError } from '../h264/errors.ts'
import { inspectAccessUnit } from '../h264/nal.ts'
import { parseHevcSps, parseSps } from '../h264/sps.ts'
import { readMp4Frames } from '../remux/mp4-reader.ts'
import type { FrameCodec } from '../segment/segment.ts'
import { demuxTs } from '../ts/demuxer.ts'

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
  readonly audioFrames: number
}

/**
 * Counts pictures and pixels of a segment from its bitstream, without decoding (a hundredth of the cost).
 * Throws `no_video_frames`, or `bad_media` codes when the segment cannot be read.
 */
export function countPixels(data: Uint8Array, container: 'mpegts' | 'mp4'): PictureCount {
  const all = container === 'mp4' ? readMp4Frames(data) : demuxTs(data).frames
  let size: { width: number; height: number } | undefined
  let first: { width: number; height: number } | undefined
  let pixels = 0n
  let frames = 0
  let codec: FrameCodec = 'data'
  let firstIsKey = false
  for (const frame of all) {
    if (frame.kind !== 'video' || (frame.codec !== 'h264' && frame.codec !== 'hevc')) continue
    const facts = inspectAccessUnit(frame.data, frame.codec)
    if (facts.sps) {
      const { width, height } = frame.codec === 'hevc' ? parseHevcSps(facts.sps) : parseSps(facts.sps)
      size = { width, height }
    }
    // Pictures before the first parameter sets, and units without a slice, give no picture.
    if (!size || facts.slices === 0) continue
    if (frames === 0) {
      first = size
      codec = frame.codec
      firstIsKey = facts.key
    }
    frames++
    pixels += BigInt(size.width) * BigInt(size.height)
  }
  if (!first) throw new BadMediaError('no_video_frames', 'the segment holds no picture')
  return {
    codec,
    frames,
    ...first,
    pixels,
    firstIsKey,
    audioFrames: all.filter((frame) => frame.kind === 'audio').length,
  }
}
