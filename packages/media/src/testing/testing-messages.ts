import type { VideoProfile } from '@millrace/wire'
import type { CodedFrame } from '../segment/segment.ts'
import type { MediaFileOptions } from './media-file.ts'
import type { SendFileOptions } from './send-file.ts'

export type ClipOptions = {
  readonly seconds: number
  readonly width: number
  readonly height: number
  readonly fps: number
  readonly seed: number
  readonly gopMs: number
  readonly framesPerMark: number
  readonly audio: boolean
  /** Numbers that change, as they always are; or what a cheat would send instead. */
  readonly pictures: 'numbers' | 'still' | 'black'
}

/** What is found in a segment by decoding all of it. */
export type Inspection = {
  readonly videoCodec: string | undefined
  /** Size of the first decoded picture. */
  readonly width: number
  readonly height: number
  /** Decoded pictures. */
  readonly frames: number
  /** Presentation times of the decoded pictures, in 90 kHz ticks, in order. */
  readonly pts: readonly number[]
  /** Presentation times of the coded key frames. */
  readonly keyPts: readonly number[]
  readonly firstIsKey: boolean
  readonly audioFrames: number
  readonly audioPts: readonly number[]
  readonly decodeErrors: number
  /** The number that stands in each decoded picture, when it comes from a test clip. */
  readonly marks: readonly number[]
}

/** A film that is no test card: pictures of a filter chain of FFmpeg's, for example `mandelbrot=size=640x360:rate=30`. */
export type FilmOptions = {
  readonly chain: string
  readonly fps: number
  readonly seconds: number
  readonly segmentMs: number
  readonly bitrateBps: number
}

/** Pictures of the liar's choice: each is one of a segment's, or black. */
export type LieRequest = {
  /** The segments of which pictures are taken; the first is the one that was to be transcoded. */
  readonly sources: readonly Uint8Array[]
  readonly profile: VideoProfile
  readonly preset: string
  /** For each picture that is sent: segment and place in it, or black. Times are those of the first segment's, evenly spread. */
  readonly pictures: readonly ({ readonly segment: number; readonly index: number } | 'black')[]
  /** Shrinks the pictures to this part of the size that was asked for, and scales them up again. */
  readonly shrink?: number
}

export type ToTesting =
  | { readonly type: 'film'; readonly options: FilmOptions }
  | { readonly type: 'lie'; readonly request: LieRequest }
  | { readonly type: 'clip'; readonly options: ClipOptions }
  | PublishRequestMessage
  | { readonly type: 'make-file'; readonly file: MediaFileOptions }
  | { readonly type: 'send-file'; readonly file: SendFileOptions }
  | { readonly type: 'inspect'; readonly data: Uint8Array; readonly container: 'mpegts' | 'mp4' }

export type PublishRequestMessage = {
  readonly type: 'publish'
  readonly url: string
  readonly options: ClipOptions
  readonly realtime: boolean
}

export type FromTesting =
  | { readonly type: 'film'; readonly frames: readonly CodedFrame[] }
  | { readonly type: 'lie'; readonly frames: readonly CodedFrame[]; readonly width: number; readonly height: number }
  | { readonly type: 'published' }
  | { readonly type: 'made' }
  | { readonly type: 'clip'; readonly frames: readonly CodedFrame[]; readonly marks: readonly number[] }
  | { readonly type: 'inspection'; readonly inspection: Inspection }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }
