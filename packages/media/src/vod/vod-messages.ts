/** A recorded segment in a file of this machine. */
export type VodSegment = {
  readonly path: string
  readonly container: 'mpegts' | 'mp4'
  /** Where it begins in the recording. */
  readonly startMs: number
  readonly durationMs: number
  readonly discontinuity: boolean
}

/** What is to be made of the segments of one rendition; the result is written to `out`. */
export type VodJob =
  | {
      readonly kind: 'mp4'
      readonly segments: readonly VodSegment[]
      readonly out: string
      /** A part of the recording, from the last key frame before it to the first one after it. */
      readonly range?: { readonly fromMs: number; readonly toMs: number }
      /** Cuts between key frames too, by encoding the pictures again. */
      readonly exact?: boolean
    }
  | {
      readonly kind: 'stills'
      readonly segments: readonly VodSegment[]
      readonly out: string
      /** Moments of the recording; the key frame at or before each is shown. */
      readonly timesMs: readonly number[]
      readonly width: number
      /** Follows from the first picture when left out. */
      readonly height?: number
      readonly columns: number
      readonly format: 'jpeg' | 'webp'
    }

export type ToVod = { readonly job: VodJob }

export type FromVod =
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }
