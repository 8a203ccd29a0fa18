import type { Ticks90k } from '@millrace/base'
import type { CodedFrame } from '../segment/segment.ts'

/** Frames of one part, and how long they last. */
export type CutPart = { readonly frames: readonly CodedFrame[]; readonly duration: Ticks90k }

/** Gathers the pictures of a rendition into parts of about the same length. A part is ready with its last picture, not with the next one's first. */
export class PartCutter {
  readonly #target: number
  #frames: CodedFrame[] = []
  #step: number

  /** `step` is how long a picture lasts until two of them have told. */
  constructor(options: { readonly target: Ticks90k; readonly step: Ticks90k }) {
    this.#target = options.target
    this.#step = options.step
  }

  /** The part that the picture completes, if it does. */
  add(frame: CodedFrame): CutPart | undefined {
    const before = this.#frames.at(-1)
    // A hole in the time line is not how long pictures last.
    if (before && frame.dts > before.dts && frame.dts - before.dts <= this.#target) this.#step = frame.dts - before.dts
    this.#frames.push(frame)
    const lasts = frame.dts - this.#frames[0]!.dts + this.#step
    return lasts + this.#step / 2 > this.#target ? this.flush() : undefined
  }

  /** What there is, as a part. */
  flush(): CutPart | undefined {
    const frames = this.#frames
    if (frames.length === 0) return undefined
    this.#frames = []
    return { frames, duration: frames.at(-1)!.dts - frames[0]!.dts + this.#step }
  }
}
