import { LivePlaylist } from '../playlist/live.ts'
import { continueCounters, type NextCounters } from '../ts/continuity.ts'
import type { HlsRendition } from './hls.ts'

/** A segment of one rendition. */
export type HlsSegment = {
  readonly seq: number
  readonly data: Uint8Array
  readonly container: 'mpegts' | 'mp4'
  readonly durationMs: number
  readonly discontinuity?: boolean
  readonly programDateTimeMs?: number
  /** Where players fetch it, when that is not here. */
  readonly uri?: string | undefined
}

/** Segments that stay readable after they left the playlist: players may still be fetching them (RFC 8216 section 6.2.2). */
const GRACE = 3

/** The last segments of one rendition, and its playlist. */
export class HlsRenditionStore {
  facts: HlsRendition & { readonly probed: boolean }
  readonly playlist: LivePlaylist
  readonly #window: number
  readonly #segments = new Map<number, HlsSegment>()
  readonly #counters: NextCounters = new Map()
  #bytes = 0
  #peakBps: number | undefined
  #sumBytes = 0
  #sumMs = 0

  constructor(facts: HlsRendition & { readonly probed: boolean }, window: number) {
    this.facts = facts
    this.#window = window
    this.playlist = new LivePlaylist({ window, gapUri: (seq) => `${facts.name}/${seq}.ts` })
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The highest bit rate of a segment so far. */
  get peakBps(): number | undefined {
    return this.#peakBps
  }

  get averageBps(): number | undefined {
    return this.#sumMs > 0 ? (this.#sumBytes * 8_000) / this.#sumMs : undefined
  }

  put(given: HlsSegment): void {
    if (this.#segments.has(given.seq) || this.playlist.ended) return
    const segment =
      given.container === 'mpegts' ? { ...given, data: continueCounters(given.data, this.#counters) } : given
    this.#segments.set(segment.seq, segment)
    this.#bytes += segment.data.length
    // Very short last segments would make a peak out of one key frame.
    if (segment.durationMs >= 500) {
      this.#peakBps = Math.max(this.#peakBps ?? 0, (segment.data.length * 8_000) / segment.durationMs)
      this.#sumBytes += segment.data.length
      this.#sumMs += segment.durationMs
    }
    const file = `${segment.seq}.${segment.container === 'mpegts' ? 'ts' : 'mp4'}`
    this.playlist.add({
      seq: segment.seq,
      uri: segment.uri ?? `${this.facts.name}/${file}`,
      durationMs: segment.durationMs,
      ...(segment.discontinuity ? { discontinuity: true } : {}),
      ...(segment.programDateTimeMs === undefined ? {} : { programDateTimeMs: segment.programDateTimeMs }),
    })
    while (this.#segments.size > this.#window + GRACE) if (this.dropOldest() === 0) break
  }

  skip(seq: number, durationMs: number): void {
    this.playlist.add({ seq, uri: `${this.facts.name}/${seq}.ts`, durationMs, gap: true })
  }

  segment(seq: number): HlsSegment | undefined {
    return this.#segments.get(seq)
  }

  /** Forgets the oldest segment and returns its size; the newest one always stays. */
  dropOldest(): number {
    if (this.#segments.size <= 1) return 0
    const oldest = Math.min(...this.#segments.keys())
    const size = this.#segments.get(oldest)!.data.length
    this.#segments.delete(oldest)
    this.#bytes -= size
    return size
  }
}
