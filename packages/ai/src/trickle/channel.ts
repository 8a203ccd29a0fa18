import { SEQ_CURRENT, SEQ_NEXT } from './headers.ts'
import { TrickleSegment } from './segment.ts'

/** A channel keeps so many segments; a newer one takes the place of an older one. */
export const SEGMENTS_PER_CHANNEL = 5

/** A row of numbered segments, of which the last few are there (ai spec, section 9). */
export class TrickleChannel {
  readonly name: string
  readonly mimeType: string
  /** The most bytes of one segment; the server's own limit where it is undefined. */
  readonly maxSegmentBytes: number | undefined
  readonly #slots: (TrickleSegment | undefined)[] = Array(SEGMENTS_PER_CHANNEL).fill(undefined)
  #nextWrite = 0
  #closed = false
  #written = 0
  #wroteAt: number
  readonly #now: () => number
  readonly #onClose: (() => void)[] = []

  /** `now` is milliseconds of a clock that only goes on. */
  constructor(
    options: { readonly name: string; readonly mimeType: string; readonly maxSegmentBytes?: number | undefined },
    deps: { readonly now: () => number },
  ) {
    this.name = options.name
    this.mimeType = options.mimeType
    this.maxSegmentBytes = options.maxSegmentBytes
    this.#now = deps.now
    this.#wroteAt = deps.now()
  }

  /** The number of the segment that is to be written next. */
  get nextWrite(): number {
    return this.#nextWrite
  }

  get closed(): boolean {
    return this.#closed
  }

  /** How long nobody has begun a segment. */
  get idleMs(): number {
    return this.#now() - this.#wroteAt
  }

  /** Bytes that were ever written to it. */
  get written(): number {
    return this.#written
  }

  /** Bytes of all segments that are there. */
  get bytes(): number {
    return this.#slots.reduce((sum, segment) => sum + (segment?.bytes ?? 0), 0)
  }

  /** The segment to write to: the one that is there under this number, or a new one, which ends whatever had its place. */
  toWrite(asked: number): TrickleSegment {
    const seq = asked === SEQ_NEXT ? this.#nextWrite : asked
    const known = this.#at(seq)
    if (known?.seq === seq) return known
    known?.close()
    return this.#put(seq)
  }

  /** Called with the first byte of a segment, and when one ends without any. */
  begun(segment: TrickleSegment): void {
    this.#nextWrite = segment.seq + 1
    this.#wroteAt = this.#now()
  }

  /** The segment under this number, or the one that comes next before it is there; undefined for any other. */
  toRead(asked: number): { readonly seq: number; readonly segment: TrickleSegment | undefined } {
    const seq = this.#numberOf(asked)
    const known = this.#at(seq)
    if (known?.seq === seq) return { seq, segment: known }
    const isAhead = seq === this.#nextWrite || (this.#nextWrite === 0 && seq === 1)
    if (!isAhead || this.#closed) return { seq, segment: undefined }
    // Whatever is still read of the one before goes on: only its place is taken.
    return { seq, segment: this.#put(seq) }
  }

  /** The segment under this number, when it is there. */
  get(seq: number): TrickleSegment | undefined {
    const known = this.#at(seq)
    return known?.seq === seq ? known : undefined
  }

  /** Ends all segments before this one. */
  closeBefore(seq: number): void {
    for (const segment of this.#slots) if (segment && segment.seq < seq) segment.close()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const segment of this.#slots) segment?.close()
    this.#slots.fill(undefined)
    for (const listener of this.#onClose.splice(0)) listener()
  }

  /** Called once, at the end, whoever ends it. */
  onClose(listener: () => void): void {
    this.#onClose.push(listener)
  }

  #numberOf(asked: number): number {
    if (asked === SEQ_NEXT) return this.#nextWrite
    return asked === SEQ_CURRENT ? Math.max(0, this.#nextWrite - 1) : asked
  }

  #at(seq: number): TrickleSegment | undefined {
    return this.#slots[seq % SEGMENTS_PER_CHANNEL]
  }

  #put(seq: number): TrickleSegment {
    const segment = new TrickleSegment(seq, (bytes) => {
      this.#written += bytes
    })
    this.#slots[seq % SEGMENTS_PER_CHANNEL] = segment
    return segment
  }
}
