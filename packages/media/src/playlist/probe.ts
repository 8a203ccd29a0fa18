import { codecString } from '../cmaf/codec-string.ts'
import { cmafTrackOf } from '../cmaf/track.ts'
import { inspectAccessUnit } from '../h264/nal.ts'
import { avcCodecString, parseHevcSps, parseSps } from '../h264/sps.ts'
import { readMp4Frames } from '../remux/mp4-reader.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { decodeAudioConfig } from '../ts/adts.ts'
import { TsDemuxer } from '../ts/demuxer.ts'

/** What the head of a segment tells about its streams. */
export type StreamFacts = {
  readonly width: number | undefined
  readonly height: number | undefined
  /** RFC 6381, or undefined when nothing was recognised. */
  readonly codecs: string | undefined
  readonly hasVideo: boolean
  readonly hasAudio: boolean
}

/** How much of a transport stream is looked at; its first pictures and sounds lie there. */
const HEAD_BYTES = 400_000

/** Reads size and codecs from the first frames of a segment, without decoding; never throws. */
export function probeSegment(data: Uint8Array, container: 'mpegts' | 'mp4'): StreamFacts {
  const frames: CodedFrame[] = []
  try {
    if (container === 'mp4') frames.push(...readMp4Frames(data))
    else {
      const demuxer = new TsDemuxer({ frame: (frame) => frames.push(frame) })
      demuxer.push(data.subarray(0, HEAD_BYTES))
      demuxer.end()
    }
  } catch {
    // A file that cannot be read has no facts.
  }
  return factsOf(frames)
}

/** The same from frames. */
export function factsOf(frames: readonly CodedFrame[]): StreamFacts {
  let width: number | undefined
  let height: number | undefined
  let video: string | undefined
  let audio: string | undefined
  let hasVideo = false
  for (const frame of frames) {
    if (frame.kind === 'audio') audio ??= audioCodec(frame)
    else {
      hasVideo = true
      if (video) continue
      if (frame.codec === 'av1' || frame.codec === 'vp9') {
        const facts = trackFacts(frame)
        width = facts?.width
        height = facts?.height
        video = facts?.codecs
        continue
      }
      const codec = frame.codec === 'hevc' ? 'hevc' : 'h264'
      const { sps } = inspectAccessUnit(frame.data, codec)
      if (!sps) continue
      try {
        const size = codec === 'hevc' ? parseHevcSps(sps) : parseSps(sps)
        width = size.width
        height = size.height
        video = codec === 'hevc' ? 'hvc1' : avcCodecString(sps)
      } catch {
        // Damaged parameter sets: perhaps the next key frame brings good ones.
      }
    }
    if (video && audio) break
  }
  const codecs = [video, audio].filter((text) => text !== undefined).join(',')
  return { width, height, codecs: codecs || undefined, hasVideo, hasAudio: audio !== undefined }
}

function trackFacts(frame: CodedFrame) {
  try {
    const track = cmafTrackOf(frame)
    if (track?.kind !== 'video') return undefined
    const { width, height } = track
    return { width, height, codecs: codecString(track) }
  } catch {
    return undefined
  }
}

function audioCodec(frame: CodedFrame): string {
  if (frame.codec === 'aac') return `mp4a.40.${(frame.config && decodeAudioConfig(frame.config)?.objectType) ?? 2}`
  return frame.codec === 'mp3' ? 'mp4a.40.34' : frame.codec === 'ac3' ? 'ac-3' : frame.codec
}
