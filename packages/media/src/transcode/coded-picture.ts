import type { VideoCodec } from '@millrace/wire'
import { isAv1Key } from '../cmaf/av1.ts'
import { isVp9Key } from '../cmaf/vp9.ts'
import { inspectAccessUnit } from '../h264/nal.ts'
import type { FrameCodec } from '../segment/segment.ts'

/** The name of a rendition's codec among those of coded frames. */
export const frameCodec = (codec: VideoCodec): FrameCodec & ('h264' | 'hevc' | 'vp8' | 'vp9' | 'av1') =>
  codec === 'h265' ? 'hevc' : codec

/** Whether decoding can start with a coded picture, by its own head. */
export function isKeyPicture(data: Uint8Array, codec: FrameCodec): boolean {
  if (codec === 'vp9') return isVp9Key(data)
  if (codec === 'av1') return isAv1Key(data)
  return inspectAccessUnit(data, codec === 'hevc' ? 'hevc' : 'h264').key
}
