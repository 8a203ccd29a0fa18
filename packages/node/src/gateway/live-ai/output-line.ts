import type { CodedFrame } from '@millrace/media'

/** A second in ticks of 90 kHz. */
const SECOND = 90_000
/** Time stamps of a transport stream begin anew after so many ticks. */
const WRAP = 2 ** 33
/** Pictures whose times are this near to those of the source are on its clock. */
const SAME_CLOCK = 20 * SECOND
/** Of pictures that were shown already and come once more: they pass so quickly that nobody sees them. */
const REPEATED_STEP = 90

type Kind = CodedFrame['kind']

/**
 * Puts what several orchestrators deliver, one after the other, on one time line that only goes forward. One that keeps the times of
 * the source keeps them here; one with a clock of its own is put where the source is.
 */
export class OutputLine {
  #offset = 0
  #placed = false
  readonly #last: Record<Kind, number | undefined> = { video: undefined, audio: undefined }

  /** True while what comes has the times of the source, so that each picture can be told. */
  get hasSourceTimes(): boolean {
    return this.#placed && this.#offset % WRAP === 0
  }

  /** What comes now is another orchestrator's. */
  next(): void {
    this.#placed = false
  }

  /**
   * The frame with its time on the line; undefined for one that cannot be shown there: sound from before, or from before the first picture.
   * `sourcePts` is the newest time of the source.
   */
  place(frame: CodedFrame, sourcePts: number): CodedFrame | undefined {
    if (!this.#placed) {
      if (frame.kind === 'audio') return undefined
      this.#offset = offsetOf(frame.pts, sourcePts)
      this.#placed = true
    }
    let dts = frame.dts + this.#offset
    // A clock that jumps within what one orchestrator sends is placed anew.
    if (frame.kind === 'video' && Math.abs(dts - sourcePts) > 3 * SAME_CLOCK) {
      this.#offset = offsetOf(frame.pts, sourcePts)
      dts = frame.dts + this.#offset
    }
    const last = this.#last[frame.kind]
    if (last !== undefined && dts <= last) {
      if (frame.kind === 'audio') return undefined
      dts = last + REPEATED_STEP
    }
    this.#last[frame.kind] = dts
    return { ...frame, dts, pts: Math.max(dts, frame.pts + this.#offset) }
  }
}

function offsetOf(pts: number, sourcePts: number): number {
  // The source's own times may have been cut to 33 bits.
  const wraps = Math.round((sourcePts - pts) / WRAP) * WRAP
  return Math.abs(pts + wraps - sourcePts) <= SAME_CLOCK ? wraps : sourcePts - pts
}
