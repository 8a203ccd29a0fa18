import type { CodedFrame } from '../../segment/segment.ts'

const TICKS_PER_MS = 90
/** Pictures that are old when a viewer comes are shown in quick succession, this far apart, so that it arrives at the present. */
const CATCH_UP = 90
/** Pictures this much older than now are old. */
const STALE_MS = 120
/** A step of the stream's own times larger than this is a break. */
const MAX_STEP = 90_000
const ALONE_AFTER_MS = 1_000

/**
 * When the frames of a stream are due on one viewer's clock, in ticks of 90 kHz that never run backwards,
 * also when the stream begins with old pictures, jumps, or is changed for another rendition.
 */
export class Schedule {
  /** Added to the stream's times. */
  #offset: number | undefined
  #lastVideo: number | undefined
  #lastPts: number | undefined
  #startMs: number | undefined
  #lastAudio: number | undefined
  #begunMs = 0

  /** A stream begins, or another one takes its place. */
  begin(nowMs: number): void {
    this.#offset = undefined
    this.#lastPts = undefined
    this.#begunMs = nowMs
  }

  /** When a picture is due. */
  video(frame: CodedFrame, nowMs: number): number {
    const now = this.now(nowMs)
    const { pts } = frame
    const jumped = this.#lastPts !== undefined && Math.abs(pts - this.#lastPts) > MAX_STEP
    if (jumped) this.#offset = undefined
    this.#lastPts = pts
    // What comes first is taken for the present; a burst after it, which cannot lie in the future, moves the present on.
    this.#offset ??= now - pts
    if (pts + this.#offset > now + STALE_MS * TICKS_PER_MS) this.#offset = now - pts
    let due = pts + this.#offset
    if (this.#lastVideo !== undefined && due <= this.#lastVideo) due = this.#lastVideo + CATCH_UP
    this.#lastVideo = due
    return due
  }

  /** When a piece of sound is due; undefined before the first picture says what the time is, and for what overlaps. */
  audio(frame: CodedFrame, nowMs: number): number | undefined {
    // Without pictures the sound says it.
    if (this.#offset === undefined && nowMs - this.#begunMs > ALONE_AFTER_MS) this.#offset = this.now(nowMs) - frame.pts
    if (this.#offset === undefined) return undefined
    const due = frame.pts + this.#offset
    if (this.#lastAudio !== undefined && due <= this.#lastAudio) return undefined
    this.#lastAudio = due
    return due
  }

  /** The viewer's clock, which the reports relate to the wall clock. */
  now(nowMs: number): number {
    this.#startMs ??= nowMs
    return Math.round((nowMs - this.#startMs) * TICKS_PER_MS) + MAX_STEP
  }
}
