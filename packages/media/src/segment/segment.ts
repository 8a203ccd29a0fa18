import type { Ticks90k } from '@millrace/base'
import type { ManifestId } from '@millrace/wire'

/**
 * What a coded frame is made of. H.264 and HEVC come as Annex B access units, AV1 as temporal units of OBUs with sizes, VP9 as
 * (super)frames, AAC as raw frames without ADTS header. VP8, MPEG-2, FLAC and E-AC-3 come in at some doors only, and are made into others there.
 */
export type FrameCodec =
  | 'h264'
  | 'hevc'
  | 'av1'
  | 'vp9'
  | 'vp8'
  | 'mpeg2'
  | 'aac'
  | 'opus'
  | 'mp3'
  | 'ac3'
  | 'eac3'
  | 'flac'
  | 'data'

/** One coded video frame or audio frame with its time. */
export type CodedFrame = {
  readonly kind: 'video' | 'audio'
  readonly codec: FrameCodec
  /** Presentation and decoding time, not wrapped at 33 bits; they may start anywhere. */
  readonly pts: Ticks90k
  readonly dts: Ticks90k
  /** True when decoding can start here; key frames of video carry their parameter sets in band. */
  readonly keyFrame: boolean
  readonly data: Uint8Array
  /** AudioSpecificConfig (ISO 14496-3) of an AAC frame, STREAMINFO of FLAC, the header of Opus; the same array on every frame until it changes. */
  readonly config?: Uint8Array
}

/** The facts of a segment that are known once its last byte has arrived. */
export type ClosedSegment = {
  /** The segment's bytes in its container, exactly as they are signed and sent. */
  readonly data: Uint8Array
  /** Keccak-256 of `data`. */
  readonly hash: Uint8Array
  readonly durationMs: number
  readonly videoFrames: number
  readonly audioFrames: number
}

/**
 * A piece of a stream that starts with a key frame, readable while it is still arriving.
 * A peer that takes whole segments awaits `closed`; one that streams reads the frames as they come.
 * It may be iterated more than once; every iteration starts at the first frame.
 */
export type Segment = AsyncIterable<CodedFrame> & {
  readonly manifestId: ManifestId
  /** Counts the segments of the stream from 0. */
  readonly seq: number
  readonly container: 'mpegts' | 'mp4'
  /** True when the time line breaks before this segment: a reconnected publisher, a jump of the source's clock. */
  readonly discontinuity: boolean
  /** False when it had to be cut without a key frame, because none came within the upper bounds. */
  readonly independent: boolean
  /** The transport stream while it is made, whole PES packets at a time; absent where the segment came as a whole. */
  readonly chunks?: AsyncIterable<Uint8Array>
  /** Rejects when the publisher failed before the segment was complete. */
  readonly closed: Promise<ClosedSegment>
}
