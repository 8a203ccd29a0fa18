import type { CodedFrame } from '../segment/segment.ts'

/** Pictures in order after which a stream counts as one without B-frames. */
const SURE_AFTER = 12

/** Notices whether pictures are coded in another order than they are shown. */
export class BFrameWatch {
  #last: number | undefined
  #inOrder = 0
  #reordered = false

  /** Undefined until enough pictures were seen; once true it stays so. */
  get reordered(): boolean | undefined {
    if (this.#reordered) return true
    return this.#inOrder >= SURE_AFTER ? false : undefined
  }

  see(frame: CodedFrame): void {
    // After a key frame times may begin anew, with a source that jumped.
    if (this.#last !== undefined && !frame.keyFrame && frame.pts < this.#last) this.#reordered = true
    else this.#inOrder++
    this.#last = frame.keyFrame ? frame.pts : Math.max(this.#last ?? frame.pts, frame.pts)
  }
}
