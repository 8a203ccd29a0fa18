import { MillraceError } from '@millrace/base'
import { webVttSegment } from '../../captions/webvtt.ts'
import { CAPTIONS } from './caption-playlist.ts'
import { nextPart, type PlaylistForm, partTargetSeconds, targetSeconds } from './media-playlist.ts'
import { parseCaptionName, parseName } from './names.ts'
import type { CmafRenditionStore } from './rendition-store.ts'
import { clockAnswer, mediaAnswer, notAllowed, openAnswer, preflight, refusal } from './responses.ts'
import type { StoredSegment } from './stored-segment.ts'
import { CmafStream } from './stream.ts'
import type { CmafPart, CmafRendition, CmafRequest, CmafResponse, CmafSegment, SegmentTimes } from './types.ts'

export type CmafOriginOptions = {
  /** Segments in the live playlists; default 8. */
  readonly window?: number
  /** How far back viewers may go, in milliseconds; default 0. */
  readonly dvrMs?: number
  /** Length of a usual segment; longer ones make the target duration grow. Default 2000. */
  readonly targetMs?: number
  /** Length of a usual part; default 200. */
  readonly partMs?: number
  /** Bytes that one stream may hold; its oldest segments go first. Default 512 MB. */
  readonly maxBytesPerStream?: number
  readonly maxStreams?: number
  /** Requests that may wait for a part at once; default 20,000. */
  readonly maxWaiting?: number
  /** Default /cmaf. */
  readonly prefix?: string
  /** Tells one run of a stream from the next under the same name; the time of the start when left out. */
  readonly run?: () => string
}

const NAME = /^[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,127}$/
const FORMS: Readonly<Record<string, PlaylistForm>> = { 'll.m3u8': 'll', 'fmp4.m3u8': 'fmp4', 'dvr.m3u8': 'dvr' }
const USUAL = /^_HLS_msn=(\d{1,15})&_HLS_part=(\d{1,15})$/
const NUMBER = /^\d{1,15}$/

/**
 * Keeps live streams as CMAF in memory and answers for LL-HLS, HLS with fMP4 and DASH, which are three lists of the same files.
 * A handler without a server of its own, as `HlsOrigin`; requests for what is being made wait until it is there.
 */
export class CmafOrigin {
  readonly #options: CmafOriginOptions
  readonly #prefix: string
  readonly #streams = new Map<string, CmafStream>()
  readonly #room: { left: number }

  constructor(options: CmafOriginOptions = {}) {
    this.#options = options
    this.#prefix = `${options.prefix ?? '/cmaf'}/`
    this.#room = { left: options.maxWaiting ?? 20_000 }
  }

  /** Says which renditions of pictures a stream will have: its master playlists are there once each of them has a segment. */
  expect(manifestId: string, renditionNames: readonly string[]): void {
    this.#open(manifestId).expected = renditionNames
  }

  /** Says when a segment begins; to be called before its first part, once for all renditions. */
  begin(manifestId: string, times: SegmentTimes): void {
    this.#open(manifestId).begin(times)
  }

  /** When a segment began, as it was told. */
  timesOf(manifestId: string, seq: number): SegmentTimes | undefined {
    return this.#streams.get(manifestId)?.clock.times.get(seq)
  }

  /**
   * Adds a part to a rendition; viewers who wait for it get it at once. False for a part that comes too late, twice, or after one
   * that never came. Throws `bad_name`, `wrong_kind`, `too_many_streams`, or `bad_cmaf` for an initialisation segment that cannot be read.
   */
  putPart(manifestId: string, rendition: CmafRendition, part: CmafPart): boolean {
    const stream = this.#open(manifestId)
    const taken = stream.rendition(rendition).putPart(part)
    if (taken) this.#added(stream)
    return taken
  }

  /** No more parts of the segment come; its length is the sum of them unless it is given. One without any part becomes a gap. */
  completeSegment(manifestId: string, rendition: CmafRendition, seq: number, durationMs?: number): boolean {
    const stream = this.#open(manifestId)
    const taken = stream.rendition(rendition).completeSegment(seq, durationMs)
    if (taken) this.#added(stream)
    return taken
  }

  /** Adds a segment that came as a whole. Parts of it that are listed already stay, and players skip what lacks of them. */
  putSegment(manifestId: string, rendition: CmafRendition, segment: CmafSegment): boolean {
    const stream = this.#open(manifestId)
    const taken = stream.rendition(rendition).putSegment(segment)
    if (taken) this.#added(stream)
    return taken
  }

  /** Adds the captions of a segment as WebVTT; with the first the stream has captions. */
  putCaptions(manifestId: string, seq: number, webVtt: string): void {
    const stream = this.#open(manifestId)
    const oldest = stream.captioned?.segments[0]?.seq ?? seq
    for (const known of stream.captions.keys()) if (known < oldest) stream.captions.delete(known)
    stream.captions.set(seq, new TextEncoder().encode(webVtt))
    this.#added(stream)
  }

  /** The stream is over: its playlists get an end and stay until `remove`. */
  end(manifestId: string): void {
    this.#streams.get(manifestId)?.end()
  }

  remove(manifestId: string): void {
    this.#streams.get(manifestId)?.waiting.release()
    this.#streams.delete(manifestId)
  }

  streams(): string[] {
    return [...this.#streams.keys()]
  }

  /** Bytes held for a stream. */
  bytes(manifestId: string): number {
    return this.#streams.get(manifestId)?.bytes ?? 0
  }

  /** True for paths that this origin answers. */
  owns(path: string): boolean {
    return path.startsWith(this.#prefix)
  }

  /** Answers a request for a path, which may carry a query; at once where nothing has to be waited for. */
  get(path: string, request: CmafRequest = {}): CmafResponse | Promise<CmafResponse> {
    const { method = 'GET' } = request
    if (method === 'OPTIONS') return preflight()
    if (method !== 'GET' && method !== 'HEAD') return notAllowed()
    const response = this.#find(path, request)
    if (method === 'GET') return response
    const withoutBody = ({ status, headers }: CmafResponse): CmafResponse => ({
      status,
      headers,
      body: new Uint8Array(0),
    })
    return response instanceof Promise ? response.then(withoutBody) : withoutBody(response)
  }

  #find(target: string, request: CmafRequest): CmafResponse | Promise<CmafResponse> {
    const mark = target.search(/[?#]/)
    const path = mark < 0 ? target : target.slice(0, mark)
    const query = mark < 0 || target[mark] === '#' ? '' : target.slice(mark + 1)
    const parts = path.startsWith(this.#prefix) ? path.slice(this.#prefix.length).split('/') : []
    if (parts.length === 1 && parts[0] === 'time') return clockAnswer()
    // Encoded names are not decoded: no name that we give out needs it.
    if (parts.length < 2 || parts.length > 3 || !parts.every((part) => NAME.test(part))) return notFound()
    const stream = this.#streams.get(parts[0]!)
    if (!stream) return notFound()
    const file = parts.at(-1)!
    const form = Object.hasOwn(FORMS, file) ? this.#form(file) : undefined
    if (parts.length === 2) {
      if (!stream.isComplete || (form === 'll' && stream.waitsForParts)) return notFound()
      if (form) return stream.master(form)
      return file === 'manifest.mpd' || file === 'll.mpd' ? stream.manifest(file === 'll.mpd') : notFound()
    }
    const store = stream.renditions.get(parts[1]!)
    if (!store) return parts[1] === CAPTIONS ? this.#captions(stream, form, file, request) : notFound()
    return form
      ? this.#playlist(stream, parts[1]!, store, form, query, request)
      : this.#media(stream, store, file, request)
  }

  #captions(stream: CmafStream, form: PlaylistForm | undefined, file: string, request: CmafRequest): CmafResponse {
    if (form) return stream.captionList(form) ?? notFound()
    const seq = parseCaptionName(stream.run, file)
    const segment = seq === undefined ? undefined : stream.captioned?.segment(seq)
    if (seq === undefined || !segment?.complete || stream.captions.size === 0) return notFound()
    // Segments before the first captions have none.
    const empty = () => new TextEncoder().encode(webVttSegment([], stream.clock.times.get(seq)?.startTicks ?? 0))
    return mediaAnswer('vtt', stream.captions.get(seq) ?? empty(), `${CAPTIONS}/${file}`, request)
  }

  #form(file: string): PlaylistForm | undefined {
    const form = FORMS[file]
    return form === 'dvr' && !this.#options.dvrMs ? undefined : form
  }

  #playlist(
    stream: CmafStream,
    name: string,
    store: CmafRenditionStore,
    form: PlaylistForm,
    query: string,
    request: CmafRequest,
  ): CmafResponse | Promise<CmafResponse> {
    if (!store.hasComplete && !store.ended) return notFound()
    if (query === '') return stream.playlist(name, store, form, false, 1)
    const asked = directives(query)
    if (!asked) return refusal(400, 'the delivery directives cannot be read')
    const { msn, part, skip } = asked
    // What was asked for by number never changes enough to matter to a player that asks for it.
    const answer = () =>
      stream.playlist(name, store, form, skip, msn === undefined ? 1 : 6 * targetSeconds(stream.clock))
    if (msn === undefined || form === 'fmp4' || store.ended) return stream.playlist(name, store, form, skip, 1)
    const { last } = store
    const lastParts = last?.complete === false ? last.parts.length : 0
    const ahead = Math.max(3, Math.ceil(3 / partTargetSeconds(stream.clock)))
    if (
      !last ||
      msn > last.seq + 2 ||
      (msn === last.seq && part !== undefined && !last.complete && part > lastParts + ahead)
    )
      return refusal(400, `segment ${msn} is too far ahead`)
    const there = () => store.ended || holds(store, msn, part)
    if (there()) return answer()
    return stream.waiting
      .until(there, { ms: 3_000 * targetSeconds(stream.clock), signal: request.signal, onGone: request.onGone })
      .then((how) => (how === 'there' || store.ended ? answer() : refusal(503, 'nothing came in time')))
  }

  #media(
    stream: CmafStream,
    store: CmafRenditionStore,
    file: string,
    request: CmafRequest,
  ): CmafResponse | Promise<CmafResponse> {
    const name = parseName(stream.run, file)
    if (!name) return notFound()
    const kind = store.facts.kind === 'audio' ? 'audio' : 'm4s'
    const etag = `${store.facts.name}/${file}`
    if (name.kind === 'init') {
      const init = store.inits[name.index]
      return init ? mediaAnswer(kind, init, etag, request) : notFound()
    }
    const segment = store.segment(name.seq)
    if (segment) store.make(segment)
    if (name.kind === 'segment') {
      const answer = (found: StoredSegment | undefined) => {
        if (!found || found.gap) return notFound()
        if (found.data) return mediaAnswer(kind, found.data, etag, request)
        return openAnswer(kind, this.#growing(stream, found, request))
      }
      const isNext = store.live && !store.ended && name.seq === (store.last?.seq ?? 0) + 1
      if (segment || !isNext) return answer(segment)
      // Clocks that differ a little ask for the next segment just before it begins.
      const begun = () => store.ended || store.segment(name.seq) !== undefined
      return stream.waiting
        .until(begun, { ms: 1_000 * targetSeconds(stream.clock), signal: request.signal, onGone: request.onGone })
        .then(() => answer(store.segment(name.seq)))
    }
    const found = () => store.segment(name.seq)?.parts[name.index]?.data
    const data = found()
    if (data) return mediaAnswer(kind, data, etag, request)
    // The part that a playlist hinted at may be asked for before it is made.
    const isHinted = () => {
      const next = nextPart(store)
      const { last } = store
      if (!next || store.ended || !last) return false
      return (
        (name.seq === next.seq && name.index === next.index) ||
        (name.seq === last.seq && name.index === last.parts.length && !last.complete)
      )
    }
    if (!isHinted()) return notFound()
    return stream.waiting
      .until(() => found() !== undefined || !isHinted(), {
        ms: 3_000 * targetSeconds(stream.clock),
        signal: request.signal,
        onGone: request.onGone,
      })
      .then((how) => {
        const made = found()
        if (made) return mediaAnswer(kind, made, etag, request)
        return how === 'full' || how === 'late' ? refusal(503, 'nothing came in time') : notFound()
      })
  }

  /** The parts of a segment as they come; whoever goes away is noticed at the next one. */
  async *#growing(stream: CmafStream, segment: StoredSegment, { signal }: CmafRequest): AsyncGenerator<Uint8Array> {
    for (let at = 0; ; ) {
      while (at < segment.parts.length) {
        const data = segment.parts[at++]?.data
        if (data) yield data
      }
      if (segment.complete || stream.ended) return
      const more = () => segment.complete || segment.parts.length > at
      const how = await stream.waiting.until(more, { ms: 3_000 * targetSeconds(stream.clock), signal })
      if (how !== 'there') return
    }
  }

  #added(stream: CmafStream): void {
    this.#trim(stream)
    stream.changed()
  }

  #open(manifestId: string): CmafStream {
    const known = this.#streams.get(manifestId)
    if (known) return known
    if (!NAME.test(manifestId))
      throw new MillraceError('bad_name', 'a manifest id holds characters that no path may hold')
    const { maxStreams = 1_000, window = 8, dvrMs = 0, targetMs = 2_000, partMs = 200 } = this.#options
    if (this.#streams.size >= maxStreams)
      throw new MillraceError('too_many_streams', `${maxStreams} streams are held already`, { retryable: true })
    const run = this.#options.run?.() ?? Date.now().toString(36)
    const stream = new CmafStream(run, { window, dvrMs, targetMs, partMs }, this.#room)
    this.#streams.set(manifestId, stream)
    return stream
  }

  #trim(stream: CmafStream): void {
    const most = this.#options.maxBytesPerStream ?? 512 * 1024 * 1024
    for (let sum = stream.bytes; sum > most; ) {
      let largest: CmafRenditionStore | undefined
      for (const store of stream.renditions.values()) if (!largest || store.bytes > largest.bytes) largest = store
      const freed = largest?.dropOldest() ?? 0
      if (freed === 0) return
      sum -= freed
    }
  }
}

/** True when the playlist has what was asked for (RFC 8216bis section 6.2.5.2). */
function holds(store: CmafRenditionStore, msn: number, part: number | undefined): boolean {
  const { last } = store
  if (!last) return false
  if (last.seq > msn) return part === undefined ? store.segment(msn)?.complete !== false : true
  if (last.seq < msn) return false
  if (last.complete) return part === undefined || part < last.parts.length
  return part !== undefined && part < last.parts.length
}

/** The delivery directives of a query; other parameters are none of ours. Undefined when they contradict each other. */
function directives(query: string) {
  // What players ask most is read without taking the query apart.
  const usual = USUAL.exec(query)
  if (usual) return { msn: Number(usual[1]), part: Number(usual[2]), skip: false }
  const params = new URLSearchParams(query.slice(0, 1_000))
  const [msn, part, skip] = ['_HLS_msn', '_HLS_part', '_HLS_skip'].map((name) => params.get(name))
  if ((msn && !NUMBER.test(msn)) || (part && !NUMBER.test(part)) || (part && !msn)) return undefined
  if (skip && skip !== 'YES' && skip !== 'v2') return undefined
  return {
    msn: msn ? Number(msn) : undefined,
    part: part ? Number(part) : undefined,
    skip: skip === 'YES' || skip === 'v2',
  }
}

const notFound = (): CmafResponse => refusal(404, 'ErrNotFound')
