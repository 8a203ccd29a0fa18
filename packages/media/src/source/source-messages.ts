import type { ErrorMeta } from '@millrace/base'
import type { CodedFrame } from '../segment/segment.ts'

export type GeneratedOptions = {
  readonly width: number
  readonly height: number
  readonly fps: number
  readonly realtime: boolean
  /** Ends after this time; undefined goes on. */
  readonly seconds: number | undefined
  readonly bitrateBps: number
}

export type FileOptions = {
  readonly path: string
  /** True where the host that the address names may be one of a private network; others it leads to may not. */
  readonly allowPrivate: boolean
  readonly realtime: boolean
  readonly loop: boolean
}

/** Which FFmpeg does the work; auto takes node-av when it loads, else the ffmpeg program. */
export type SourceEngine = { readonly engine: 'auto' | 'node-av' | 'ffmpeg'; readonly ffmpegPath: string }

/** What the main process says to a source's process. */
export type ToSource =
  | ({ readonly type: 'generate'; readonly options: GeneratedOptions } & SourceEngine)
  | ({ readonly type: 'file'; readonly options: FileOptions } & SourceEngine)
  /** The reader took a batch; so many batches may be under way at most. */
  | { readonly type: 'more' }

/** What it answers. */
export type FromSource =
  | { readonly type: 'started'; readonly durationMs: number | undefined; readonly about: string }
  | { readonly type: 'frames'; readonly frames: readonly CodedFrame[] }
  | { readonly type: 'end' }
  | {
      readonly type: 'failed'
      readonly code: string
      readonly message: string
      readonly retryable: boolean
      readonly meta: ErrorMeta
    }

/** Batches that may be on their way before the reader took one. */
export const CREDIT = 32
