/** A coded sound frame on its way to or from the process that makes AAC of Opus, or Opus of AAC. */
export type SoundFrame = {
  /** In ticks of 90 kHz. */
  readonly pts: number
  readonly data: Uint8Array
  /** AudioSpecificConfig of AAC. */
  readonly config?: Uint8Array | undefined
}

export type ToAudio =
  | { readonly type: 'open'; readonly id: number; readonly from: 'aac' | 'opus'; readonly to: 'aac' | 'opus' }
  | { readonly type: 'frames'; readonly id: number; readonly frames: readonly SoundFrame[] }
  | { readonly type: 'close'; readonly id: number }

export type FromAudio =
  | { readonly type: 'frames'; readonly id: number; readonly frames: readonly SoundFrame[] }
  | { readonly type: 'failed'; readonly id: number; readonly code: string; readonly message: string }
