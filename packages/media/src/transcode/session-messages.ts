import type { ErrorMeta } from '@millrace/base'
import type { TranscodeOptions } from './av-transcoder.ts'
import type { EngineInfo, RenditionPart, SegmentInput } from './engine.ts'

/** What the main process says to a session's process. */
export type ToSession =
  | { readonly type: 'open'; readonly options: TranscodeOptions }
  | { readonly type: 'push'; readonly job: number; readonly segment: SegmentInput }
  | { readonly type: 'begin'; readonly job: number; readonly seq: number }
  | { readonly type: 'write'; readonly job: number; readonly bytes: Uint8Array }
  | { readonly type: 'end'; readonly job: number }
  | { readonly type: 'abort'; readonly job: number }

/** What it answers. */
export type FromSession =
  | ({ readonly type: 'ready' } & Omit<EngineInfo, 'name'>)
  | { readonly type: 'unusable'; readonly message: string }
  | { readonly type: 'part'; readonly job: number; readonly part: RenditionPart }
  /** A live segment's bytes were taken. */
  | { readonly type: 'took'; readonly job: number; readonly bytes: number }
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
