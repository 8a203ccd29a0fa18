// What a rendition is, without what the wire makes of it: media processes load this alone (`@millrace/wire/profiles`).

/** The container of a rendition's segments. */
export type ProfileFormat = 'mpegts' | 'mp4'
/** The codec that a rendition is encoded with; AV1 is known to Millrace peers only. */
export type VideoCodec = 'h264' | 'h265' | 'vp8' | 'vp9' | 'av1'
/** The H.264 profile; undefined leaves it to the encoder. */
export type CodecProfile = 'baseline' | 'main' | 'high' | 'constrainedHigh'
export type ChromaSubsampling = '420' | '422' | '444'

/** A rendition that is wanted: its size, rate and coding. */
export type VideoProfile = {
  /** Part of the segment signature: must not be empty. */
  readonly name: string
  readonly width: number
  readonly height: number
  readonly bitrateBps: number
  /** Frames per second as fps/fpsDen; 0 keeps the frames of the source. */
  readonly fps: number
  readonly fpsDen?: number
  readonly format: ProfileFormat
  readonly profile?: CodecProfile
  /** Distance of key frames in milliseconds; 0 leaves it to the encoder, -1 makes every frame a key frame. */
  readonly gopMs: number
  readonly codec: VideoCodec
  readonly colorDepth?: number
  readonly chroma?: ChromaSubsampling
  /** Constant quality 1 to 63 (lower is better), with the bit rate as a cap; 0 or undefined means bit rate only. */
  readonly quality?: number
}

/** Whether MPEG-TS carries the codec; of the others there are renditions in MP4 only. */
export const isCarriedByTs = (codec: VideoCodec): boolean => codec === 'h264' || codec === 'h265'

const rung = (name: string, width: number, height: number, bitrateBps: number): VideoProfile => ({
  name,
  width,
  height,
  bitrateBps,
  fps: 0,
  format: 'mpegts',
  profile: 'constrainedHigh',
  gopMs: 1000,
  codec: 'h264',
})

/** The ladder a gateway asks for unless told otherwise. */
export const DEFAULT_LADDER: readonly VideoProfile[] = [
  rung('720p0', 1280, 720, 3_000_000),
  rung('480p0', 854, 480, 1_600_000),
  rung('360p0', 640, 360, 800_000),
  rung('240p0', 426, 240, 250_000),
]
