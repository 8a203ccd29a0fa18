/** One segment, or later one part of a segment, as a playlist lists it. */
export type PlaylistPart = { readonly uri: string; readonly durationMs: number; readonly independent: boolean }

export type PlaylistSegment = {
  readonly seq: number
  readonly uri: string
  readonly durationMs: number
  /** The time line breaks before this segment. */
  readonly discontinuity?: boolean
  /** True when the segment does not exist: players skip it, and the numbers of all renditions stay in step. */
  readonly gap?: boolean
  /** The pieces it came in; today one, which is not listed. */
  readonly parts?: readonly PlaylistPart[]
  /** Wall clock of its first picture. */
  readonly programDateTimeMs?: number
}

/** Segments that arrive after a later one are waited for, until this many later ones are there. */
const PATIENCE = 3

/**
 * The sliding window of a live media playlist (RFC 8216 section 6.2). It is append-only: segments are listed in order of `seq`
 * with no number left out; one that does not come becomes a gap.
 */
export class LivePlaylist {
  readonly #window: number
  readonly #waiting = new Map<number, PlaylistSegment>()
  #listed: PlaylistSegment[] = []
  #next: number | undefined
  readonly #gapUri: (seq: number) => string
  #discontinuitySequence = 0
  #targetMs: number
  #ended = false

  /** `gapUri` names a segment that never came; players do not fetch it. */
  constructor(
    options: { readonly window?: number; readonly targetMs?: number; readonly gapUri?: (seq: number) => string } = {},
  ) {
    this.#window = options.window ?? 6
    this.#gapUri = options.gapUri ?? ((seq) => `${seq}.ts`)
    this.#targetMs = options.targetMs ?? 2_000
  }

  get segments(): readonly PlaylistSegment[] {
    return this.#listed
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Adds a segment; returns those that left the window. A number that was listed already is ignored. */
  add(segment: PlaylistSegment): readonly PlaylistSegment[] {
    if (this.#ended) return []
    // A playlist begins with the first segment that it gets.
    this.#next ??= segment.seq
    if (segment.seq < this.#next || this.#waiting.has(segment.seq)) return []
    this.#waiting.set(segment.seq, segment)
    return this.#advance(false)
  }

  /** Lists everything that waits and says that nothing more comes. */
  end(): readonly PlaylistSegment[] {
    const left = this.#advance(true)
    this.#ended = true
    return left
  }

  /** The playlist's text. */
  toString(): string {
    const hasGap = this.#listed.some((segment) => segment.gap)
    const lines = [
      '#EXTM3U',
      // EXT-X-GAP needs version 8; without one, old players are served.
      `#EXT-X-VERSION:${hasGap ? 8 : 3}`,
      `#EXT-X-TARGETDURATION:${targetDuration(this.#targetMs)}`,
      `#EXT-X-MEDIA-SEQUENCE:${this.#listed[0]?.seq ?? this.#next ?? 0}`,
    ]
    if (this.#discontinuitySequence > 0) lines.push(`#EXT-X-DISCONTINUITY-SEQUENCE:${this.#discontinuitySequence}`)
    for (const segment of this.#listed) lines.push(...segmentLines(segment))
    if (this.#ended) lines.push('#EXT-X-ENDLIST')
    return `${lines.join('\n')}\n`
  }

  #advance(all: boolean): readonly PlaylistSegment[] {
    for (;;) {
      const next = this.#next
      if (next === undefined || this.#waiting.size === 0) break
      const segment = this.#waiting.get(next)
      if (segment) {
        this.#waiting.delete(next)
        this.#list(segment)
      } else if (all || this.#waiting.size >= PATIENCE) {
        const sooner = Math.min(...this.#waiting.keys())
        // A jump over many numbers is a new beginning, not a row of gaps.
        if (sooner - next > this.#window) this.#next = sooner
        else
          this.#list({
            seq: next,
            uri: this.#gapUri(next),
            durationMs: this.#waiting.get(sooner)!.durationMs,
            gap: true,
          })
      } else break
    }
    const left = this.#ended || all ? [] : this.#listed.splice(0, Math.max(0, this.#listed.length - this.#window))
    for (const segment of left) if (segment.discontinuity) this.#discontinuitySequence++
    return left
  }

  #list(segment: PlaylistSegment): void {
    this.#listed.push(segment)
    this.#next = segment.seq + 1
    this.#targetMs = Math.max(this.#targetMs, segment.durationMs)
  }
}

/** The lines of one segment. */
export function segmentLines(segment: PlaylistSegment): string[] {
  const lines: string[] = []
  if (segment.discontinuity) lines.push('#EXT-X-DISCONTINUITY')
  if (segment.programDateTimeMs !== undefined)
    lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(segment.programDateTimeMs).toISOString()}`)
  if (segment.gap) lines.push('#EXT-X-GAP')
  const parts = segment.parts ?? []
  if (parts.length > 1)
    for (const part of parts)
      lines.push(
        `#EXT-X-PART:DURATION=${seconds(part.durationMs)},URI="${part.uri}"${part.independent ? ',INDEPENDENT=YES' : ''}`,
      )
  lines.push(`#EXTINF:${seconds(segment.durationMs)},`, segment.uri)
  return lines
}

/** EXT-X-TARGETDURATION is the longest segment, rounded to whole seconds (RFC 8216 section 4.3.3.1). */
export const targetDuration = (longestMs: number): number => Math.max(1, Math.round(longestMs / 1_000))

export const seconds = (ms: number): string => (ms / 1_000).toFixed(3)
