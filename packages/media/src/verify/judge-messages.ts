import type { Comparison, ComparisonRequest } from './compare.ts'

/** What the main process says to the process that compares. */
export type ToJudge = { readonly type: 'compare'; readonly job: number; readonly request: ComparisonRequest }

/** What it answers; `source` comes first, once the source is decoded. */
export type FromJudge =
  | { readonly type: 'ready' }
  | { readonly type: 'unusable'; readonly message: string }
  | { readonly type: 'source'; readonly job: number }
  | { readonly type: 'compared'; readonly job: number; readonly comparison: Comparison }
  | { readonly type: 'failed'; readonly job: number; readonly message: string }
