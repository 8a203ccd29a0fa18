import type { ComparedMedia, Comparison, ComparisonRequest } from './compare.ts'
import type { SignatureMatch } from './signature/compare.ts'

/** What the main process says to the process that compares. */
export type ToJudge =
  | { readonly type: 'compare'; readonly job: number; readonly request: ComparisonRequest }
  | { readonly type: 'match'; readonly job: number; readonly first: ComparedMedia; readonly second: ComparedMedia }

/** What it answers; `source` comes first, once the source is decoded. */
export type FromJudge =
  | { readonly type: 'ready' }
  | { readonly type: 'unusable'; readonly message: string }
  | { readonly type: 'source'; readonly job: number }
  | { readonly type: 'compared'; readonly job: number; readonly comparison: Comparison }
  | { readonly type: 'matched'; readonly job: number; readonly match: SignatureMatch }
  | { readonly type: 'failed'; readonly job: number; readonly message: string }
