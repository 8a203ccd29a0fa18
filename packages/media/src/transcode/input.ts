import { MillraceError } from '@millrace/base'
import type { Av } from '../process/av.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { decodeAudioConfig } from '../ts/adts.ts'
import { demuxTs } from '../ts/demuxer.ts'
import { type AvPacket, readWithLibav } from './libav-input.ts'

/** The coded pictures and the sound of one segment, whatever its container. */
export type DemuxedInput = {
  /** A number of AVCodecID. */
  readonly codecId: number
  readonly extradata: Uint8Array | undefined
  readonly video: readonly AvPacket[]
  readonly audio: readonly CodedFrame[]
}

/**
 * Reads a segment: our own demuxer for transport streams of H.264 and HEVC, because it is cheap and keeps time stamps exact over the
 * 33-bit wrap; libavformat for everything else. Throws `unsupported_input` or `no_video_frames`.
 */
export function readInput(av: Av, data: Uint8Array, container: 'mpegts' | 'mp4'): DemuxedInput {
  if (data.length === 0) throw new MillraceError('unsupported_input', 'the segment is empty')
  if (container === 'mpegts' || data[0] === 0x47) {
    const { frames, announced } = demuxTs(data)
    const video = frames.filter((frame) => frame.kind === 'video')
    const audio = frames.filter((frame) => frame.kind === 'audio')
    const codec = announced?.video
    if (codec === 'h264' || codec === 'hevc') {
      if (video.length === 0) throw noVideo(audio.length)
      const { AV_CODEC_ID_H264, AV_CODEC_ID_HEVC } = av.constants
      return {
        codecId: codec === 'h264' ? AV_CODEC_ID_H264 : AV_CODEC_ID_HEVC,
        extradata: undefined,
        video,
        audio: audio.filter((frame) => frame.codec !== 'aac' || (frame.config && decodeAudioConfig(frame.config))),
      }
    }
  }
  const input = readWithLibav(av, data, container)
  if (input.video.length === 0) throw noVideo(input.audio.length)
  return input
}

const noVideo = (audioFrames: number) =>
  new MillraceError('no_video_frames', 'the segment holds no picture that can be decoded', { meta: { audioFrames } })
