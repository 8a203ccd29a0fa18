import { MillraceError } from '@millrace/base'
import { type CaptionStore, captionPlaylist } from './caption-playlist.ts'
import { dashManifest } from './dash.ts'
import { cmafMaster } from './master-playlist.ts'
import { mediaPlaylist, type PlaylistForm } from './media-playlist.ts'
import { CmafRenditionStore, type StoreOptions, type StreamClock } from './rendition-store.ts'
import { textAnswer } from './responses.ts'
import type { CmafRendition, CmafResponse, SegmentTimes } from './types.ts'
import { Waiting } from './waiting.ts'

const NAME = /^[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,127}$/
const MAX_RENDITIONS = 32
/** Segments that begin this far from where they are expected are still found by their number. */
const MAX_UNEVEN = 4_500
/** A publisher that fell further behind its clock than this would be asked for segments that it has not begun. */
const MAX_LATE_MS = 1_500
/** Segments after which a rendition that has come whole is expected to go on so. */
const WAITS_FOR_PARTS = 2

export type StreamOptions = StoreOptions & { readonly targetMs: number; readonly partMs: number }

/** One live stream as CMAF: its renditions, what they share, and the texts that were made of them. */
export class CmafStream {
  readonly run: string
  readonly renditions = new Map<string, CmafRenditionStore>()
  readonly clock: StreamClock & { readonly times: Map<number, SegmentTimes> }
  readonly waiting: Waiting
  /** WebVTT by segment; empty for a stream without captions. */
  readonly captions: CaptionStore = new Map()
  expected: readonly string[] = []
  ended = false
  readonly #options: StreamOptions
  readonly #texts = new Map<string, CmafResponse>()
  #first: SegmentTimes | undefined
  /** The first segment since the last break, how long it is, and whether all after it are as long. */
  #even: { readonly start: SegmentTimes; durationTicks: number; holds: boolean } | undefined

  constructor(run: string, options: StreamOptions, room: { left: number }) {
    this.run = run
    this.#options = options
    this.waiting = new Waiting(room)
    this.clock = { targetMs: options.targetMs, partTargetMs: options.partMs, times: new Map(), breaks: 0, askedMs: 0 }
  }

  /** The wall clock at which the presentation time was zero, by the first segment. */
  get availabilityStartMs(): number {
    return this.#first ? Math.round(this.#first.programDateTimeMs - this.#first.startTicks / 90) : 0
  }

  /** The first segment after the last break of the time line. */
  get unbrokenSince(): SegmentTimes | undefined {
    return this.#even?.start
  }

  /** The length of the segments since the last break, when all of them have the same and came in time. */
  get evenTicks(): number | undefined {
    return this.#even?.holds ? this.#even.durationTicks || undefined : undefined
  }

  get bytes(): number {
    let sum = 0
    for (const store of this.renditions.values()) sum += store.bytes
    return sum
  }

  /** True once a player may begin: playlists that are read once must name everything. */
  get isComplete(): boolean {
    if (this.ended) return this.renditions.size > 0
    const stores = [...this.renditions.values()]
    if (stores.length === 0 || !stores.every(({ hasComplete }) => hasComplete)) return false
    // A stream of sound alone never has the pictures that were expected.
    const isSilentFilm = stores.some(({ facts }) => facts.kind === 'video')
    if (!isSilentFilm) return stores.every(({ segments }) => segments.length > 1)
    return this.expected.every((name) => this.renditions.has(name))
  }

  /**
   * True while some pictures come in parts and others may yet: the first segment of a rendition often comes whole, and a player of
   * low latency, which reads the master playlist once, would never know of it.
   */
  get waitsForParts(): boolean {
    const pictures = [...this.renditions.values()].filter(({ facts }) => facts.kind === 'video')
    const live = pictures.filter((store) => store.live)
    if (this.ended || live.length === 0 || live.length === pictures.length) return false
    return pictures.every(({ segments }) => segments.length <= WAITS_FOR_PARTS)
  }

  /** Throws `bad_name`, `wrong_kind` or `too_many_streams`. */
  rendition(facts: CmafRendition): CmafRenditionStore {
    const known = this.renditions.get(facts.name)
    if (known) {
      if (known.facts.kind !== facts.kind)
        throw new MillraceError('wrong_kind', `the rendition ${facts.name} is ${known.facts.kind}, not ${facts.kind}`)
      return known
    }
    if (!NAME.test(facts.name))
      throw new MillraceError('bad_name', 'a rendition name holds characters that no path may hold')
    if (this.renditions.size >= MAX_RENDITIONS)
      throw new MillraceError('too_many_streams', `a stream has ${MAX_RENDITIONS} renditions at most`)
    const store = new CmafRenditionStore(facts, this.#options, this.clock)
    this.renditions.set(facts.name, store)
    return store
  }

  begin(times: SegmentTimes): void {
    if (this.clock.times.has(times.seq)) return
    this.clock.times.set(times.seq, times)
    this.#first ??= times
    this.#measure(times)
    let oldest = Number.POSITIVE_INFINITY
    for (const { segments } of this.renditions.values()) oldest = Math.min(oldest, segments[0]?.seq ?? oldest)
    for (const [seq, { discontinuity }] of this.clock.times) {
      if (seq >= oldest - 1 || this.clock.times.size <= 16) break
      this.clock.times.delete(seq)
      if (discontinuity) this.clock.breaks++
    }
  }

  #measure(times: SegmentTimes): void {
    if (!this.#even || times.discontinuity) {
      this.#even = { start: times, durationTicks: 0, holds: true }
      return
    }
    const even = this.#even
    const passed = times.startTicks - even.start.startTicks
    const count = times.seq - even.start.seq
    if (even.durationTicks === 0) even.durationTicks = Math.round(passed / count / 90) * 90
    const isLate = Date.now() - times.programDateTimeMs > MAX_LATE_MS
    if (isLate || !(Math.abs(passed - count * even.durationTicks) <= MAX_UNEVEN)) even.holds = false
  }

  /** Something was added: the texts are out of date, and whoever waits looks again. */
  changed(): void {
    this.#texts.clear()
    this.waiting.wake()
  }

  end(): void {
    if (this.ended) return
    this.ended = true
    for (const store of this.renditions.values()) store.end()
    this.changed()
    this.waiting.release()
  }

  master(form: PlaylistForm): CmafResponse {
    return this.#text(`master ${form}`, () => {
      for (const store of this.renditions.values()) store.makeAll()
      return textAnswer('m3u8', cmafMaster(this.renditions, form, { captions: this.captions.size > 0 }), 1)
    })
  }

  playlist(name: string, store: CmafRenditionStore, form: PlaylistForm, skip: boolean, maxAge: number): CmafResponse {
    return this.#text(`${name} ${form} ${skip} ${maxAge}`, () => {
      store.makeAll()
      const others = [...this.renditions].filter(([other]) => other !== name)
      return textAnswer('m3u8', mediaPlaylist(store, form, { run: this.run, clock: this.clock, others, skip }), maxAge)
    })
  }

  /** The playlist of the captions; undefined where there are none. */
  captionList(form: PlaylistForm): CmafResponse | undefined {
    const pictures = this.captioned
    if (this.captions.size === 0 || !pictures) return undefined
    return this.#text(`captions ${form}`, () =>
      textAnswer(
        'm3u8',
        captionPlaylist(pictures, form, { run: this.run, clock: this.clock, captions: this.captions }),
        1,
      ),
    )
  }

  /** The pictures that carry the captions: those of the publisher. */
  get captioned(): CmafRenditionStore | undefined {
    return [...this.renditions.values()].find(({ facts }) => facts.kind === 'video')
  }

  manifest(lowLatency: boolean): CmafResponse {
    return this.#text(`mpd ${lowLatency}`, () => {
      for (const store of this.renditions.values()) store.makeAll()
      return textAnswer('mpd', dashManifest(this, lowLatency), 1)
    })
  }

  #text(key: string, make: () => CmafResponse): CmafResponse {
    const known = this.#texts.get(key)
    if (known) return known
    this.clock.askedMs = Date.now()
    const made = make()
    this.#texts.set(key, made)
    return made
  }
}
