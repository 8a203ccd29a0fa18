import type { Av } from '../../process/av.ts'
import { AvDecoder } from '../../transcode/av-decoder.ts'
import { readInput } from '../../transcode/input.ts'
import { frameSignature } from './extract.ts'
import type { FrameSignature, VideoSignature } from './video-signature.ts'

/** Decodes a segment and signs all of its pictures. Throws `unsupported_input` or `no_video_frames`. */
export function signMedia(
  av: Av,
  media: { readonly data: Uint8Array; readonly container: 'mpegts' | 'mp4' },
): VideoSignature {
  const input = readInput(av, media.data, media.container)
  const decoder = new AvDecoder(av, 1)
  const frames: FrameSignature[] = []
  let size = { width: 0, height: 0 }
  try {
    for (const frame of decoder.decode(input)) {
      const { width, height } = frame
      size = { width, height }
      const plane = { width, height, stride: frame.linesize[0]!, data: frame.data![0]! }
      frames.push(frameSignature(plane, Number(frame.bestEffortTimestamp)))
    }
  } finally {
    decoder.close()
  }
  return { ...size, timeUnit: 90_000, frames }
}
