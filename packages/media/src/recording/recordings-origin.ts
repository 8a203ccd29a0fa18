import { type Clock, hasCode, type Log, systemClock } from '@millrace/base'
import { byteRange } from '../deliver/byte-range.ts'
import { segmentLines, targetDuration } from '../playlist/live.ts'
import { masterPlaylist } from '../playlist/master.ts'
import { checkObjectKey, encodeObjectKey } from '../storage/object-key.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { isS3Store } from '../storage/s3/s3-store.ts'
import { loadRecording, type Recording } from './recording.ts'
import type { RecordedSegment } from './recording-list.ts'

export type RecordingRequest = {
  readonly method?: string | undefined
  readonly range?: string | undefined
  readonly signal?: AbortSignal | undefined
}

export type RecordingResponse = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Bytes, or a part of a file on this machine. */
  readonly body: Uint8Array | { readonly path: string; readonly start: number; readonly end: number }
}

export type RecordingsDeps = {
  readonly store: ObjectStore
  /** True while a stream is recorded here. */
  readonly isLive: (manifestId: string) => boolean
  readonly log: Log
  readonly clock?: Clock
}

/** What is served beside playlists and segments: files that are made of a recording. */
export type MadeFiles = {
  /** Answers for a path below a recording; undefined when it is not one of these. */
  answer(
    recording: { readonly manifestId: string; readonly loaded: Recording; readonly url: URL; readonly file: string },
    request: RecordingRequest,
  ): Promise<RecordingResponse | undefined>
}

export const RECORDINGS_PREFIX = '/recordings/'
/** A recording that nobody goes on with for so long is over (wire spec 6.5). */
const FINAL_AFTER_MS = 24 * 3_600_000
const GROWING_KEPT_MS = 2_000
const FINAL_KEPT_MS = 60_000
const MAX_KEPT = 100
const COMMON = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'Content-Length, Content-Range' }

/**
 * Serves recordings: `/recordings/<stream>/index.m3u8`, `<track>.m3u8` and the segments (wire spec 6.5), from any store, while a stream goes on and after.
 * `?finalize=true` ends a playlist whose stream was not ended by itself.
 */
export class RecordingsOrigin {
  readonly #deps: RecordingsDeps
  readonly #clock: Clock
  readonly #made: MadeFiles | undefined
  readonly #kept = new Map<string, { readonly untilMs: number; readonly loading: Promise<Recording | undefined> }>()

  constructor(deps: RecordingsDeps & { readonly made?: MadeFiles | undefined }) {
    this.#deps = deps
    this.#clock = deps.clock ?? systemClock
    this.#made = deps.made
  }

  /** Answers a request for a path below /recordings/, with its query. */
  async get(path: string, request: RecordingRequest = {}): Promise<RecordingResponse> {
    const { method = 'GET' } = request
    if (method === 'OPTIONS') return { status: 200, headers: COMMON, body: new Uint8Array(0) }
    if (method !== 'GET' && method !== 'HEAD')
      return { status: 405, headers: { ...COMMON, Allow: 'GET, HEAD, OPTIONS' }, body: new Uint8Array(0) }
    const response = await this.#find(path, request)
    return method === 'HEAD' ? { ...response, body: new Uint8Array(0) } : response
  }

  async #find(path: string, request: RecordingRequest): Promise<RecordingResponse> {
    const url = new URL(path, 'http://localhost')
    const below = /^\/recordings\/([\w~-][\w.~-]{0,127})\/(.+)$/.exec(url.pathname)
    const [, manifestId, file] = below ?? []
    if (manifestId === undefined || file === undefined) return notFound()
    if (/\/\d+\.(ts|mp4)$/.test(file)) return this.#segment(`${manifestId}/${file}`, request)
    const loaded = await this.#load(manifestId)
    if (!loaded) return notFound()
    if (file === 'index.m3u8') return playlist(master(loaded), this.#isFinal(manifestId, loaded))
    const track = /^([\w.~-]+)\.m3u8$/.exec(file)?.[1]
    if (track !== undefined) {
      const segments = loaded.segments.get(track)
      if (!segments) return notFound()
      const isFinal = this.#isFinal(manifestId, loaded) || url.searchParams.get('finalize') === 'true'
      return playlist(this.#media(manifestId, segments, isFinal), isFinal)
    }
    return (await this.#made?.answer({ manifestId, loaded, url, file }, request)) ?? notFound()
  }

  #isFinal(manifestId: string, { ended, lastListMs }: Recording): boolean {
    if (this.#deps.isLive(manifestId)) return false
    return ended || this.#clock.now() - lastListMs > FINAL_AFTER_MS
  }

  async #segment(path: string, { range, signal }: RecordingRequest): Promise<RecordingResponse> {
    let key: string
    try {
      key = checkObjectKey(decodeURIComponent(path))
    } catch {
      return notFound()
    }
    const data = await this.#deps.store.read(key, { signal })
    return data ? bytesAnswer(data, key.endsWith('.mp4') ? 'video/mp4' : 'video/mp2t', range) : notFound()
  }

  #media(manifestId: string, segments: readonly RecordedSegment[], isFinal: boolean): string {
    const longest = segments.reduce((most, { durationMs }) => Math.max(most, durationMs), 0)
    return `${[
      '#EXTM3U',
      '#EXT-X-VERSION:3',
      `#EXT-X-PLAYLIST-TYPE:${isFinal ? 'VOD' : 'EVENT'}`,
      `#EXT-X-TARGETDURATION:${targetDuration(longest)}`,
      '#EXT-X-MEDIA-SEQUENCE:0',
      ...segments.flatMap((segment, i) =>
        segmentLines({
          ...segment,
          seq: i,
          uri: this.#uri(manifestId, segment),
          discontinuity: i > 0 && segment.discontinuity === true,
        }),
      ),
      ...(isFinal ? ['#EXT-X-ENDLIST'] : []),
    ].join('\n')}\n`
  }

  /** Objects of our own store are fetched through us, so that a bucket need not be public; those elsewhere where they are. */
  #uri(manifestId: string, { uri }: RecordedSegment): string {
    const key = objectKeyOf(this.#deps.store, uri)
    if (key === undefined) return uri
    return key.startsWith(`${manifestId}/`)
      ? encodeObjectKey(key.slice(manifestId.length + 1))
      : `${RECORDINGS_PREFIX}${encodeObjectKey(key)}`
  }

  #load(manifestId: string): Promise<Recording | undefined> {
    const nowMs = this.#clock.now()
    const kept = this.#kept.get(manifestId)
    if (kept && kept.untilMs > nowMs) return kept.loading
    const loading = loadRecording(manifestId, this.#deps)
    const keep = (ms: number) => {
      this.#kept.delete(manifestId)
      this.#kept.set(manifestId, { untilMs: nowMs + ms, loading })
      const oldest = this.#kept.keys().next().value
      if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest)
    }
    keep(GROWING_KEPT_MS)
    loading.then(
      (loaded) => loaded && this.#isFinal(manifestId, loaded) && keep(FINAL_KEPT_MS),
      () => this.#kept.delete(manifestId),
    )
    return loading
  }
}

/** The key of a segment of our store; undefined when it lies elsewhere. */
export function objectKeyOf(store: ObjectStore, uri: string): string | undefined {
  if (!/^[a-z][a-z0-9+.-]*:/i.test(uri)) return uri.replace(/^\//, '')
  return isS3Store(store) ? store.keyOf(uri) : undefined
}

/** An answer with bytes, or with the part of them that was asked for. */
export function bytesAnswer(data: Uint8Array, type: string, range: string | undefined): RecordingResponse {
  const wanted = byteRange(range, data.length)
  if (wanted === 'unsatisfiable')
    return { status: 416, headers: { ...COMMON, 'Content-Range': `bytes */${data.length}` }, body: new Uint8Array(0) }
  const body = wanted ? data.subarray(wanted.start, wanted.end + 1) : data
  const headers = {
    ...COMMON,
    'Content-Type': type,
    'Content-Length': String(body.length),
    'Accept-Ranges': 'bytes',
    // A segment never changes under its name.
    'Cache-Control': 'public, max-age=31536000, immutable',
  }
  if (!wanted) return { status: 200, headers, body }
  return {
    status: 206,
    headers: { ...headers, 'Content-Range': `bytes ${wanted.start}-${wanted.end}/${data.length}` },
    body,
  }
}

export const plainAnswer = (status: number, text: string): RecordingResponse => ({
  status,
  headers: { ...COMMON, 'Content-Type': 'text/plain' },
  body: Buffer.from(`${text}\n`),
})

/** What a failure while a recording is read is to a viewer. */
export function failureAnswer(error: unknown): RecordingResponse {
  return hasCode(error, 'store_unreachable')
    ? plainAnswer(503, 'the store does not answer')
    : plainAnswer(500, 'the recording cannot be read')
}

const notFound = (): RecordingResponse => plainAnswer(404, 'ErrNotFound')

const master = ({ tracks }: Recording): string =>
  masterPlaylist(
    tracks.map(({ name, bandwidthBps, width, height }) => ({
      uri: `${name}.m3u8`,
      bandwidthBps,
      ...(width > 0 && height > 0 && { width, height }),
    })),
  )

function playlist(text: string, isFinal: boolean): RecordingResponse {
  const body = Buffer.from(text)
  return {
    status: 200,
    headers: {
      ...COMMON,
      'Content-Type': 'application/x-mpegURL',
      'Content-Length': String(body.length),
      'Cache-Control': isFinal ? 'max-age=60' : 'max-age=1',
    },
    body,
  }
}
