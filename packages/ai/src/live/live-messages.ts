import type { LoadProgress } from '../runners/runner.ts'
import type { TimelineState } from './bridge/timeline.ts'
import type { LiveParams } from './live-params.ts'

/** Mean milliseconds of the stages of a picture. */
export type StageTimes = { readonly decode: number; readonly effect: number; readonly encode: number }

/** What a process has done since it began. */
export type BridgeCounts = {
  /** Pictures that came in. */
  readonly received: number
  /** Pictures that went out. */
  readonly shown: number
  /** Pictures left out because there was no time for them, or because they were of before a change of parameters. */
  readonly dropped: number
  readonly decodeErrors: number
  readonly effectErrors: number
}

/** What the main process says to the process of a live stream. */
export type ToLive =
  | { readonly type: 'open'; readonly module: string; readonly modelId: string; readonly folder: string }
  | { readonly type: 'start'; readonly params: LiveParams; readonly timeline: TimelineState | undefined }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  /** A segment has ended: what was held back of it is complete. */
  | { readonly type: 'segment-end' }
  | { readonly type: 'params'; readonly params: LiveParams }
  | { readonly type: 'end' }

/** What it answers. */
export type FromLive =
  | { readonly type: 'progress'; readonly progress: LoadProgress }
  | { readonly type: 'opened' }
  | { readonly type: 'not-opened'; readonly message: string }
  /** So many bytes of input were read. */
  | { readonly type: 'taken'; readonly bytes: number }
  /** From here on it is the next segment. */
  | { readonly type: 'segment' }
  | { readonly type: 'output'; readonly bytes: Uint8Array }
  /** Where the time line stands with the picture whose bytes come next. */
  | { readonly type: 'shown'; readonly timeline: TimelineState }
  /** What was found in the picture of this time, in ticks of 90 kHz. */
  | { readonly type: 'facts'; readonly pts: number; readonly facts: Readonly<Record<string, unknown>> }
  | { readonly type: 'params-set'; readonly params: LiveParams }
  | { readonly type: 'error'; readonly message: string }
  | {
      readonly type: 'stats'
      readonly counts: BridgeCounts
      readonly stages: StageTimes
    }
  /** All that came in has gone out. */
  | { readonly type: 'ended' }
