import { equalBytes } from '@millrace/base'
import { codecString } from '../../cmaf/codec-string.ts'
import { readCmafInit } from '../../cmaf/read-init.ts'
import { StoredSegment } from './stored-segment.ts'
import type { CmafPart, CmafRendition, CmafSegment, SegmentTimes } from './types.ts'

/** What is shared by the renditions of a stream. */
export type StreamClock = {
  /** Longest segment and longest part so far; all playlists of a stream tell the same. */
  targetMs: number
  partTargetMs: number
  readonly times: ReadonlyMap<number, SegmentTimes>
  /** Breaks of the time line before the oldest of `times`. */
  breaks: number
}

export type StoreOptions = {
  /** Segments that the live playlists list. */
  readonly window: number
  /** Segments that are kept for rewinding are this old at most; 0 for none. */
  readonly dvrMs: number
}

/** Segments stay readable for a while after they left the playlist (RFC 8216 section 6.2.2). */
const GRACE = 3
/** A jump over more numbers than this is a new beginning, not a row of gaps. */
const MAX_GAPS = 30

/** What initialisation segments tell of a rendition. */
export type TrackFacts = {
  readonly codecs: string
  readonly width: number | undefined
  readonly height: number | undefined
  readonly channels: number | undefined
  readonly timescale: number
}

/** The last segments of one rendition. */
export class CmafRenditionStore {
  readonly facts: CmafRendition
  readonly inits: Uint8Array[] = []
  track: TrackFacts | undefined
  ended = false
  /** True while it comes part by part, with nothing to wait for but the publisher. */
  live = false
  readonly #options: StoreOptions
  readonly #clock: StreamClock
  readonly #segments: StoredSegment[] = []
  #bytes = 0
  #peakBps = 0
  #sumBytes = 0
  #sumMs = 0

  constructor(facts: CmafRendition, options: StoreOptions, clock: StreamClock) {
    this.facts = facts
    this.#options = options
    this.#clock = clock
  }

  get segments(): readonly StoredSegment[] {
    return this.#segments
  }

  get bytes(): number {
    return this.#bytes
  }

  get last(): StoredSegment | undefined {
    return this.#segments.at(-1)
  }

  get hasComplete(): boolean {
    return this.#segments[0]?.complete === true
  }

  get peakBps(): number | undefined {
    return this.#peakBps || undefined
  }

  get averageBps(): number | undefined {
    return this.#sumMs > 0 ? (this.#sumBytes * 8_000) / this.#sumMs : undefined
  }

  /** False when the part comes too late, twice, or after one that never came. */
  putPart(part: CmafPart): boolean {
    const segment = this.#segmentFor(part.seq)
    if (!segment || segment.complete || part.index !== segment.parts.length) return false
    const init = this.#initOf(part.init)
    // One segment has one initialisation segment; what comes after a change within it waits for the next.
    if (segment.parts.length > 0 && init !== segment.init) return false
    segment.init = init
    const { independent, durationMs, data } = part
    segment.add({ independent, durationMs, data })
    segment.byParts = true
    this.live = true
    this.#bytes += data.length
    this.#clock.partTargetMs = Math.max(this.#clock.partTargetMs, durationMs)
    if (part.last) this.#close(segment, undefined)
    return true
  }

  completeSegment(seq: number, durationMs: number | undefined): boolean {
    const segment = this.#segmentFor(seq)
    if (!segment || segment.complete) return false
    this.#close(segment, durationMs)
    return true
  }

  putSegment(given: CmafSegment): boolean {
    const segment = this.#segmentFor(given.seq)
    if (!segment || segment.complete) return false
    this.live = false
    segment.closeWhole(given.durationMs, given.bytes, given.make, this.#clock.partTargetMs)
    this.#bytes += given.bytes
    this.#closed(segment, given.bytes)
    return true
  }

  end(): void {
    const last = this.last
    if (last && !last.complete) {
      if (last.parts.length > 0) this.#close(last, undefined)
      else this.#segments.pop()
    }
    this.ended = true
  }

  /** Makes what came as a whole and is about to be listed or read. */
  makeAll(): void {
    for (const segment of this.#segments) this.make(segment)
  }

  make(segment: StoredSegment): void {
    if (!segment.waitsToBeMade) return
    const before = segment.bytes
    const init = segment.make()
    this.#bytes += segment.bytes - before
    if (init) segment.init = this.#initOf(init)
    for (const { durationMs } of segment.parts)
      this.#clock.partTargetMs = Math.max(this.#clock.partTargetMs, durationMs)
    this.#clock.targetMs = Math.max(this.#clock.targetMs, segment.durationMs)
  }

  segment(seq: number): StoredSegment | undefined {
    const first = this.#segments[0]
    return first && this.#segments[seq - first.seq]
  }

  /** The segments of the live playlists, or all that are kept for rewinding. */
  listed(all: boolean): readonly StoredSegment[] {
    const { window, dvrMs } = this.#options
    if (this.ended && dvrMs > 0 && all) return this.#segments
    let from = Math.max(0, this.#segments.length - window)
    if (all) {
      let sum = 0
      for (let i = this.#segments.length - 1; i >= 0; i--) {
        sum += this.#segments[i]!.durationMs
        if (sum > dvrMs) break
        from = Math.min(from, i)
      }
    }
    return from === 0 ? this.#segments : this.#segments.slice(from)
  }

  /** Breaks of the time line before a segment; the same in all renditions. */
  discontinuitiesBefore(seq: number): number {
    let count = this.#clock.breaks
    for (const times of this.#clock.times.values()) if (times.discontinuity && times.seq < seq) count++
    return count
  }

  /** Forgets the oldest segment and returns its size; the newest one always stays. */
  dropOldest(): number {
    if (this.#segments.length <= 1) return 0
    const oldest = this.#segments.shift()!
    this.#bytes -= oldest.bytes
    return oldest.bytes
  }

  /** The segment of this number, made with gaps before it where numbers were left out; undefined for one that is past. */
  #segmentFor(seq: number): StoredSegment | undefined {
    if (this.ended) return undefined
    const last = this.last
    if (!last || seq - last.seq > MAX_GAPS) {
      if (last && !last.complete) this.#close(last, undefined)
      while (this.dropOldest() > 0);
      this.#segments.length = 0
      return this.#open(seq)
    }
    if (seq <= last.seq) return this.segment(seq)
    if (!last.complete) this.#close(last, last.parts.length > 0 ? undefined : this.#clock.targetMs)
    for (let gap = last.seq + 1; gap < seq; gap++) this.#close(this.#open(gap), this.#clock.targetMs)
    return this.#open(seq)
  }

  #open(seq: number): StoredSegment {
    const segment = new StoredSegment(seq)
    segment.init = Math.max(0, this.inits.length - 1)
    this.#segments.push(segment)
    return segment
  }

  #close(segment: StoredSegment, durationMs: number | undefined): void {
    segment.close(durationMs)
    this.#closed(segment, segment.bytes)
  }

  #closed(segment: StoredSegment, bytes: number): void {
    this.#clock.targetMs = Math.max(this.#clock.targetMs, segment.durationMs)
    // Very short last segments would make a peak out of one key frame.
    if (segment.durationMs >= 500 && bytes > 0) {
      this.#peakBps = Math.max(this.#peakBps, (bytes * 8_000) / segment.durationMs)
      this.#sumBytes += bytes
      this.#sumMs += segment.durationMs
    }
    const { window, dvrMs } = this.#options
    for (;;) {
      const spare = this.#segments.length - window - GRACE
      if (spare <= 0) return
      let kept = 0
      for (const { durationMs } of this.#segments) kept += durationMs
      if (kept - this.#segments[0]!.durationMs * (GRACE + 1) <= dvrMs) return
      this.dropOldest()
    }
  }

  #initOf(init: Uint8Array): number {
    const known = this.inits.findLastIndex((other) => other === init || equalBytes(other, init))
    if (known >= 0) return known
    const track = readCmafInit(init)
    this.track = {
      codecs: codecString(track),
      width: track.kind === 'video' ? track.width : undefined,
      height: track.kind === 'video' ? track.height : undefined,
      channels: track.kind === 'audio' ? track.channels : undefined,
      timescale: track.timescale,
    }
    return this.inits.push(init) - 1
  }
}
