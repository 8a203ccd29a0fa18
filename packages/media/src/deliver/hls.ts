import { MillraceError } from '@millrace/base'
import { type MasterVariant, masterPlaylist } from '../playlist/master.ts'
import { probeSegment } from '../playlist/probe.ts'
import { byteRange } from './byte-range.ts'
import { HlsRenditionStore, type HlsSegment } from './hls-rendition.ts'

export type HlsOriginOptions = {
  /** Segments in a playlist; default 6. */
  readonly window?: number
  /** Bytes that one stream may hold; its oldest segments go first. Default 512 MB. */
  readonly maxBytesPerStream?: number
  readonly maxStreams?: number
  /** Default /stream. */
  readonly prefix?: string
}

/** A rendition of a stream; `source` is the name of the publisher's own. What is left out is read from the first segment. */
export type HlsRendition = {
  readonly name: string
  readonly width?: number
  readonly height?: number
  readonly fps?: number
  /** The rate it was made for; the master playlist tells the measured one once there is one. */
  readonly bandwidthBps?: number
  readonly codecs?: string
}

export type HlsResponse = {
  /** 307 sends the viewer somewhere else; no origin does that itself. */
  readonly status: 200 | 206 | 304 | 307 | 404 | 405 | 416
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export type HlsRequest = { readonly method?: string | undefined; readonly range?: string | undefined }

type Stream = { readonly renditions: Map<string, HlsRenditionStore>; expected: readonly string[]; ended: boolean }

const NAME = /^[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,127}$/
const MIME = { m3u8: 'application/x-mpegURL', ts: 'video/mp2t', mp4: 'video/mp4' } as const
/** What a source is said to take before it was measured (wire.md 6.3). */
const UNMEASURED_BPS = 4_000_000

/**
 * Keeps the last segments of live streams in memory and answers for their playlists and bytes (paths and headers of wire.md 6.3).
 * A pure handler: whoever owns the HTTP server calls `get`. Names are looked up, never joined to file paths.
 */
export class HlsOrigin {
  readonly #options: HlsOriginOptions
  readonly #prefix: string
  readonly #streams = new Map<string, Stream>()

  constructor(options: HlsOriginOptions = {}) {
    this.#options = options
    this.#prefix = options.prefix ?? '/stream'
  }

  /**
   * Says which renditions a stream will have: its master playlist is there once each of them has a segment.
   * Players read that playlist once, so one that names only part of the renditions would hide the others from them.
   */
  expect(manifestId: string, renditionNames: readonly string[]): void {
    this.#open(manifestId).expected = renditionNames
  }

  /** Adds a segment to a rendition and makes both when they are new; throws `bad_name` or `too_many_streams`. */
  put(manifestId: string, rendition: HlsRendition, segment: HlsSegment): void {
    const stream = this.#open(manifestId)
    const store = this.#rendition(stream, rendition)
    if (!store.facts.probed) store.facts = { ...store.facts, ...missing(store, segment), probed: true }
    store.put(segment)
    this.#trim(stream)
  }

  /** Says that a rendition's segment will not come: players are told of the gap at once instead of after some patience. */
  skip(manifestId: string, rendition: HlsRendition, seq: number, durationMs: number): void {
    this.#rendition(this.#open(manifestId), rendition).skip(seq, durationMs)
  }

  /** The stream is over: its playlists get an end and stay until `remove`. */
  end(manifestId: string): void {
    const stream = this.#streams.get(manifestId)
    if (!stream) return
    stream.ended = true
    for (const store of stream.renditions.values()) store.playlist.end()
  }

  remove(manifestId: string): void {
    this.#streams.delete(manifestId)
  }

  /** The names of the streams that are held. */
  streams(): string[] {
    return [...this.#streams.keys()]
  }

  /** Bytes held for a stream. */
  bytes(manifestId: string): number {
    let sum = 0
    for (const store of this.#streams.get(manifestId)?.renditions.values() ?? []) sum += store.bytes
    return sum
  }

  /** Answers a request for a path, which may carry a query. */
  get(path: string, request: HlsRequest = {}): HlsResponse {
    const { method = 'GET' } = request
    if (method === 'OPTIONS') return answer(200, 'm3u8', new Uint8Array(0))
    if (method !== 'GET' && method !== 'HEAD')
      return { status: 405, headers: { Allow: 'GET, HEAD, OPTIONS' }, body: new Uint8Array(0) }
    const response = this.#find(path.split(/[?#]/)[0]!, request)
    return method === 'HEAD' ? { ...response, body: new Uint8Array(0) } : response
  }

  #find(path: string, request: HlsRequest): HlsResponse {
    if (!path.startsWith(`${this.#prefix}/`)) return notFound()
    const parts = path.slice(this.#prefix.length + 1).split('/')
    // Encoded names are not decoded: no name that we give out needs it.
    if (parts.length > 3 || !parts.every((part) => NAME.test(part))) return notFound()
    const last = parts.at(-1)!
    const dot = last.lastIndexOf('.')
    const [stem, extension] = [last.slice(0, dot), last.slice(dot + 1)]
    const stream = this.#streams.get(parts.length === 1 ? stem : parts[0]!)
    if (!stream || dot < 1) return notFound()
    if (parts.length === 1) {
      const complete = stream.ended || stream.expected.every((name) => stream.renditions.has(name))
      return extension === 'm3u8' && complete ? playlist(this.#master(stem, stream)) : notFound()
    }
    const store = stream.renditions.get(parts.length === 2 ? stem : parts[1]!)
    if (!store) return notFound()
    if (parts.length === 2) return extension === 'm3u8' ? playlist(store.playlist.toString()) : notFound()
    if ((extension !== 'ts' && extension !== 'mp4') || !/^\d{1,15}$/.test(stem)) return notFound()
    const segment = store.segment(Number(stem))
    if (!segment || (segment.container === 'mpegts') !== (extension === 'ts')) return notFound()
    return bytes(segment.data, extension, request.range)
  }

  #master(manifestId: string, stream: Stream): string {
    const variants: MasterVariant[] = []
    const all = [...stream.renditions]
    const inTs = all.filter(([, { facts }]) => !NOT_IN_TS.test(facts.codecs ?? ''))
    for (const [name, store] of inTs.length > 0 ? inTs : all) {
      const { width, height, fps, codecs, bandwidthBps } = store.facts
      const bandwidth = store.peakBps ?? bandwidthBps ?? UNMEASURED_BPS
      variants.push({
        uri: `${manifestId}/${name}.m3u8`,
        bandwidthBps: bandwidth,
        ...(store.averageBps ? { averageBps: store.averageBps } : {}),
        width,
        height,
        fps,
        codecs,
      })
    }
    return masterPlaylist(variants)
  }

  #open(manifestId: string): Stream {
    const known = this.#streams.get(manifestId)
    if (known) return known
    if (!NAME.test(manifestId))
      throw new MillraceError('bad_name', 'a manifest id holds characters that no path may hold')
    const most = this.#options.maxStreams ?? 1_000
    if (this.#streams.size >= most)
      throw new MillraceError('too_many_streams', `${most} streams are held already`, { retryable: true })
    const stream: Stream = { renditions: new Map(), expected: [], ended: false }
    this.#streams.set(manifestId, stream)
    return stream
  }

  #rendition(stream: Stream, rendition: HlsRendition): HlsRenditionStore {
    const known = stream.renditions.get(rendition.name)
    if (known) return known
    if (!NAME.test(rendition.name))
      throw new MillraceError('bad_name', 'a rendition name holds characters that no path may hold')
    if (stream.renditions.size >= 32) throw new MillraceError('too_many_streams', 'a stream has 32 renditions at most')
    const window = this.#options.window ?? 6
    const store = new HlsRenditionStore({ ...rendition, probed: false }, window)
    stream.renditions.set(rendition.name, store)
    return store
  }

  #trim(stream: Stream): void {
    const most = this.#options.maxBytesPerStream ?? 512 * 1024 * 1024
    let sum = 0
    for (const store of stream.renditions.values()) sum += store.bytes
    while (sum > most) {
      let largest: HlsRenditionStore | undefined
      for (const store of stream.renditions.values()) if (!largest || store.bytes > largest.bytes) largest = store
      const freed = largest?.dropOldest() ?? 0
      if (freed === 0) return
      sum -= freed
    }
  }
}

function missing(store: HlsRenditionStore, segment: HlsSegment): Partial<HlsRendition> {
  const { width, height, codecs } = store.facts
  if (width && height && codecs) return {}
  const facts = probeSegment(segment.data, segment.container)
  // The real size wins over the wanted one: a portrait source makes portrait renditions.
  return {
    ...(facts.width && facts.height ? { width: facts.width, height: facts.height } : {}),
    ...(facts.codecs ? { codecs: facts.codecs } : {}),
  }
}

/** What players of MPEG-TS do not play; it stands in the playlists of fMP4. */
const NOT_IN_TS = /^(vp09|av01)/

const COMMON = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'Content-Length' }

function answer(status: 200 | 206, kind: keyof typeof MIME, body: Uint8Array): HlsResponse {
  return {
    status,
    headers: {
      ...COMMON,
      'Content-Type': MIME[kind],
      'Content-Length': String(body.length),
      'Cache-Control': 'max-age=5',
    },
    body,
  }
}

function playlist(text: string): HlsResponse {
  const response = answer(200, 'm3u8', new TextEncoder().encode(text))
  // A live playlist changes every segment: a cache may not answer with an old one for longer than that.
  return { ...response, headers: { ...response.headers, 'Cache-Control': 'max-age=1' } }
}

function bytes(data: Uint8Array, kind: 'ts' | 'mp4', range: string | undefined): HlsResponse {
  const wanted = byteRange(range, data.length)
  if (wanted === 'unsatisfiable')
    return { status: 416, headers: { ...COMMON, 'Content-Range': `bytes */${data.length}` }, body: new Uint8Array(0) }
  const whole = answer(wanted ? 206 : 200, kind, wanted ? data.subarray(wanted.start, wanted.end + 1) : data)
  const headers = { ...whole.headers, 'Accept-Ranges': 'bytes' }
  if (!wanted) return { ...whole, headers }
  return { ...whole, headers: { ...headers, 'Content-Range': `bytes ${wanted.start}-${wanted.end}/${data.length}` } }
}

const notFound = (): HlsResponse => ({
  status: 404,
  headers: { ...COMMON, 'Content-Type': 'text/plain' },
  body: new TextEncoder().encode('ErrNotFound'),
})
