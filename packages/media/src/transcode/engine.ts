import type { Pixels, Ticks90k } from '@millrace/base'
import type { VideoCodec, VideoProfile } from '@millrace/wire'

/** A piece of one rendition: all of a pushed segment, about 200 ms of a live one. */
export type RenditionPart = {
  /** The input segment that it belongs to. */
  readonly seq: number
  /** Index into the session's profiles. */
  readonly rendition: number
  /** Counts the parts of this rendition's segment from 0. */
  readonly index: number
  /** True on the part that is known to complete the rendition's segment; the last part of a live segment may be known only by its outcome. */
  readonly last: boolean
  /** True when decoding can start with this part. */
  readonly independent: boolean
  /** A whole file in the profile's container, or a CMAF chunk of pictures alone. */
  readonly data: Uint8Array
  /** Of a CMAF chunk: the initialisation segment, with the first part of each segment. */
  readonly init?: Uint8Array
  readonly pts: Ticks90k
  readonly durationMs: number
  readonly frames: number
  /** Encoded size: the profile's, with the source's aspect ratio. */
  readonly width: number
  readonly height: number
  /** Encoded pixels: width × height × frames. */
  readonly pixels: Pixels
  /** The MPEG-7 video signature of the pictures, in binary, when the segment asked for it and the engine makes them. */
  readonly signature?: Uint8Array
}

/** What an engine says of itself, for the start-up line, figures and capabilities. */
export type EngineInfo = {
  readonly name: 'node-av' | 'ffmpeg'
  readonly version: string
  readonly license: string
  /** Whether its sessions take live segments. */
  readonly live: boolean
  /** The codecs that it makes renditions in. */
  readonly codecs: readonly VideoCodec[]
}

export type EngineSessionOptions = {
  readonly profiles: readonly VideoProfile[]
  /** x264 preset; default veryfast. */
  readonly preset?: string
  readonly signal?: AbortSignal | undefined
}

/** The end of one pushed segment. */
export type SegmentOutcome =
  | {
      readonly seq: number
      readonly ok: true
      readonly decodedPixels: Pixels
      readonly decodedFrames: number
      /** Pictures that could not be decoded. */
      readonly decodeErrors: number
      readonly elapsedMs: number
    }
  | { readonly seq: number; readonly ok: false; readonly error: Error }

/** One whole segment for an engine. */
export type SegmentInput = {
  readonly seq: number
  readonly data: Uint8Array
  readonly container: 'mpegts' | 'mp4'
  /** Whether each rendition's video signature is wanted too. */
  readonly signatures?: boolean | undefined
}

/** A segment that is pushed while it is still arriving; its parts come while it does. */
export type LivePush = {
  /** Takes whole PES packets of an MPEG transport stream; resolves when the engine can take more. */
  write(bytes: Uint8Array): Promise<void>
  /** The segment is complete; resolves when all its parts were delivered. */
  end(): Promise<SegmentOutcome>
  /** Gives it up; its outcome is a failure, and the session goes on. */
  abort(): void
}

export type PushOptions = {
  readonly signal?: AbortSignal | undefined
  /** A process that has not answered by then is killed: `engine_timeout`. Default 60 s. */
  readonly deadlineMs?: number
}

/**
 * One stream's transcoding: decoder and scalers stay alive between its segments.
 * Parts come in order of `seq`; a failed segment fails its push and leaves the session usable, a dead engine process rejects every call.
 */
export type EngineSession = {
  /** Gives a whole segment to the engine; resolves when all its parts were delivered. */
  push(segment: SegmentInput, options?: PushOptions): Promise<SegmentOutcome>
  /**
   * Begins a segment whose bytes are still under way: each picture is encoded at once, and parts come every 200 ms.
   * It waits for the segments before it. Throws `live_unsupported` on an engine that only takes whole segments.
   */
  pushLive(segment: { readonly seq: number }, options?: PushOptions): Promise<LivePush>
  /** The parts as they are made; bounded, so a reader that stops holds back the engine, never memory. One reader. */
  parts(): AsyncIterable<RenditionPart>
  close(): Promise<void>
}

/** Decodes once, scales and encodes all renditions; always outside the main process. */
export type MediaEngine = {
  readonly info: EngineInfo
  open(options: EngineSessionOptions): Promise<EngineSession>
  close(): Promise<void>
}
