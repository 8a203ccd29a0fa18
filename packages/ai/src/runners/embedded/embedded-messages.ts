import type { AiJob, AiResult, LoadProgress } from '../runner.ts'

/** An error on its way between processes. */
export type SentError = { readonly code: string; readonly message: string; readonly retryable: boolean }

/** What the main process says to the process of a model. */
export type ToModel =
  | { readonly type: 'load'; readonly module: string; readonly modelId: string; readonly folder: string }
  | { readonly type: 'run'; readonly id: number; readonly job: AiJob }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'close' }

/** What it answers. */
export type FromModel =
  | { readonly type: 'progress'; readonly progress: LoadProgress }
  | { readonly type: 'loaded' }
  | { readonly type: 'not-loaded'; readonly error: SentError }
  | { readonly type: 'done'; readonly id: number; readonly result: AiResult; readonly residentBytes: number }
  | { readonly type: 'failed'; readonly id: number; readonly error: SentError; readonly residentBytes: number }
