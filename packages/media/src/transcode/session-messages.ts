import type { ErrorMeta } from '@millrace/base'
import type { TranscodeOptions } from './av-transcoder.ts'
import type { RenditionPart, SegmentInput } from './engine.ts'

/** What the main process says to a session's process. */
export type ToSession =
  | { readonly type: 'open'; readonly options: TranscodeOptions }
  | { readonly type: 'push'; readonly job: number; readonly segment: SegmentInput }
  | { readonly type: 'abort'; readonly job: number }

/** What it answers. */
export type FromSession =
  | { readonly type: 'ready'; readonly version: string; readonly license: string }
  | { readonly type: 'unusable'; readonly message: string }
  | { readonly type: 'part'; readonly job: number; readonly part: RenditionPart }
  | {
      readonly type: 'done'
      readonly job: number
      readonly decodedFrames: number
      readonly decodedPixels: bigint
      readonly decodeErrors: number
      readonly elapsedMs: number
    }
  | {
      readonly type: 'failed'
      readonly job: number
      readonly code: string
      readonly message: string
      readonly meta: ErrorMeta
    }
