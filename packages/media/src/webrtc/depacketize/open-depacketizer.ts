import type { FrameCodec } from '../../segment/segment.ts'
import type { OfferedCodec } from '../sdp.ts'
import { Av1Format } from './av1.ts'
import { Depacketizer } from './depacketizer.ts'
import { H264Depacketizer, spropParameterSets } from './h264.ts'
import { HevcFormat } from './hevc.ts'
import { Vp8Format, Vp9Format } from './vpx.ts'

/** The codecs of pictures that publishers may send, best first: those before VP8 go through the network as they are. */
export const PUBLISHED_VIDEO = ['h264', 'h265', 'vp8', 'vp9', 'av1'] as const

/** What reads the pictures of a codec that was offered, and its name among frames. */
export function openDepacketizer(codec: OfferedCodec | undefined): {
  readonly codec: FrameCodec
  readonly depacketizer: Depacketizer
} {
  switch (codec?.name) {
    case 'h265':
      return { codec: 'hevc', depacketizer: new Depacketizer(new HevcFormat(codec.parameters)) }
    case 'vp8':
      return { codec: 'vp8', depacketizer: new Depacketizer(new Vp8Format()) }
    case 'vp9':
      return { codec: 'vp9', depacketizer: new Depacketizer(new Vp9Format()) }
    case 'av1':
      return { codec: 'av1', depacketizer: new Depacketizer(new Av1Format()) }
    default:
      return {
        codec: 'h264',
        depacketizer: new H264Depacketizer(spropParameterSets(codec?.parameters['sprop-parameter-sets'])),
      }
  }
}
