import type { ErrorMeta } from '@millrace/base'
import type { CodedFrame } from '../segment/segment.ts'

/** What the main process says to the process that makes frames into H.264 and AAC. */
export type ToConverter = { readonly type: 'frame'; readonly frame: CodedFrame } | { readonly type: 'end' }

/** What it answers; `frames` comes once for each frame that was sent, in their order. */
export type FromConverter =
  | { readonly type: 'frames'; readonly frames: readonly CodedFrame[]; readonly last: boolean }
  | { readonly type: 'failed'; readonly code: string; readonly message: string; readonly meta: ErrorMeta }

/** The codecs that a stream carries through the network: what else comes in is made into H.264 and AAC. */
export const isCarried = ({ codec }: CodedFrame): boolean => codec === 'h264' || codec === 'hevc' || codec === 'aac'
