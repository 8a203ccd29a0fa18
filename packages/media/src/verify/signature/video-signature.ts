/** Elements of a frame signature. */
export const ELEMENTS = 380
/** Bytes of a frame signature: five ternary elements in each. */
export const FRAME_BYTES = ELEMENTS / 5
/** A coarse signature stands for so many frames, and a new one begins after half of them. */
export const WINDOW = 90
export const WINDOW_STEP = 45
/** Words of a frame, each one of 243 values. */
export const WORDS = 5
export const WORD_VALUES = 243

/** What one picture looks like. */
export type FrameSignature = {
  /** Time of the picture, in units of the signature's time base. */
  readonly pts: number
  /** How much structure the picture has, 0 to 255; 0 for a flat one, which says nothing. */
  readonly confidence: number
  /** Five values of five elements each, for coarse comparison. */
  readonly words: Uint8Array
  /** 380 elements of 0, 1 or 2, five in a byte. */
  readonly elements: Uint8Array
}

/** The video signature of ISO/IEC 15938-3 Amd 4: what all pictures of a video look like, whatever their coding and size. */
export type VideoSignature = {
  readonly width: number
  readonly height: number
  /** Ticks a second. */
  readonly timeUnit: number
  readonly frames: readonly FrameSignature[]
}

/** Frames that each coarse signature stands for: first index and last. */
export function windowsOf(frames: number): readonly (readonly [first: number, last: number])[] {
  return Array.from({ length: Math.ceil(frames / WINDOW_STEP) }, (_, i) => {
    const first = i * WINDOW_STEP
    return [first, Math.min(frames, first + WINDOW) - 1] as const
  })
}
