import { createDecipheriv } from 'node:crypto'
import { MillraceError } from '@millrace/base'
import { type GuardedOptions, guardedRequest, guardedText } from '@millrace/base/node'
import { type ByteRange, type HlsPiece, MAX_PLAYLIST_BYTES, readHlsPlaylist } from './hls-playlist.ts'

const MAX_PIECE_BYTES = 300 * 1024 * 1024
const PIECE_TIMEOUT_MS = 30_000
const PLAYLIST_TIMEOUT_MS = 10_000
/** A live stream is begun so many segments before its end (RFC 8216 section 6.3.3). */
const LIVE_START = 3
/** Segments in a row that may be missing. */
const MAX_MISSES = 3

/** The playlists that make up one stream: pictures, and sound where it stands apart. */
export type HlsStream = { readonly main: string; readonly sound: string | undefined }

/** Follows a master playlist, one step deep, to its variant of the highest rate. */
export async function chooseHls(url: string, options: GuardedOptions): Promise<HlsStream> {
  const master = await fetchPlaylist(url, options)
  if (master.playlist.kind === 'media') return { main: url, sound: undefined }
  const { variants, audios } = master.playlist
  const best = variants.reduce((a, b) => (b.bandwidth > a.bandwidth ? b : a))
  const group = audios.filter(({ group }) => group === best.audio)
  const sound = group.find(({ isDefault }) => isDefault) ?? group[0]
  return { main: resolve(best.uri, master.url), sound: sound && resolve(sound.uri, master.url) }
}

/** A stretch of segments that can be read as one file: it ends at a discontinuity. */
export type HlsStretch = { readonly chunks: AsyncIterable<Uint8Array> }

/** Reads the segments of one media playlist, live or not; throws `bad_source_playlist`, `source_stopped` and as `guardedRequest` does. */
export class HlsReader {
  readonly #url: string
  readonly #options: GuardedOptions
  #next: number | undefined
  #waiting: HlsPiece[] = []
  #base = ''
  #ended = false
  #targetMs = 2_000
  #staleMs = 0
  #misses = 0
  #keys = new Map<string, Buffer>()
  #over = false

  constructor(url: string, options: GuardedOptions) {
    this.#url = url
    this.#options = options
  }

  /** True once there is nothing left. */
  get over(): boolean {
    return this.#over
  }

  /** The bytes up to the next discontinuity. */
  async *stretch(): AsyncGenerator<Uint8Array> {
    let map: string | undefined
    for (let first = true; ; first = false) {
      const piece = await this.#piece()
      if (!piece) {
        this.#over = true
        return
      }
      const mapKey = piece.map && JSON.stringify(piece.map)
      if (!first && (piece.discontinuity || mapKey !== map)) {
        // The reader of the next stretch begins with this one.
        this.#waiting.unshift({ ...piece, discontinuity: false })
        return
      }
      if (piece.map && first) yield await this.#fetch(piece.map.uri, piece.map.range, undefined, piece.seq)
      map = mapKey
      try {
        yield await this.#fetch(piece.uri, piece.range, piece.key, piece.seq)
        this.#misses = 0
      } catch (error) {
        const isGone = error instanceof MillraceError && (error.code === 'address_refused' || error.retryable)
        if (!isGone || this.#ended || ++this.#misses > MAX_MISSES) throw error
      }
    }
  }

  async #piece(): Promise<HlsPiece | undefined> {
    for (;;) {
      const piece = this.#waiting.shift()
      if (piece) return piece
      if (this.#ended) return undefined
      await this.#reload()
    }
  }

  async #reload(): Promise<void> {
    if (this.#next !== undefined) {
      // Section 6.3.4: the target duration between two looks, half of it after one that brought nothing.
      const wait = this.#staleMs > 0 ? this.#targetMs / 2 : this.#targetMs
      await sleep(wait, this.#options.signal)
      if (this.#staleMs > 0) this.#staleMs += wait
    }
    const { playlist, url } = await fetchPlaylist(this.#url, this.#options)
    if (playlist.kind === 'master')
      throw new MillraceError(
        'bad_source_playlist',
        'a master playlist names another master playlist, which is not followed',
      )
    this.#base = url
    this.#targetMs = playlist.targetMs
    this.#ended = playlist.ended
    const { pieces } = playlist
    this.#next ??= playlist.ended ? (pieces[0]?.seq ?? 0) : Math.max(0, (pieces.at(-1)?.seq ?? 0) - LIVE_START + 1)
    const newest = pieces.at(-1)?.seq ?? -1
    // A server that began anew counts from zero.
    if (newest + 1 < this.#next - 10) this.#next = pieces[0]?.seq ?? 0
    const fresh = pieces.filter(({ seq }) => seq >= (this.#next as number))
    if (fresh.length === 0 && !this.#ended) {
      this.#staleMs = Math.max(1, this.#staleMs)
      if (this.#staleMs > 6 * this.#targetMs + 10_000)
        throw new MillraceError('source_stopped', 'the live playlist has had no new segment for a while', {
          retryable: true,
        })
      return
    }
    this.#staleMs = 0
    this.#waiting = fresh
    if (fresh.length > 0) this.#next = newest + 1
  }

  async #fetch(uri: string, range: ByteRange | undefined, key: HlsPiece['key'], seq: number): Promise<Uint8Array> {
    const url = resolve(uri, this.#base)
    const answer = await guardedRequest(url, {
      ...this.#options,
      ...(range && { headers: { range: `bytes=${range.start}-${range.start + range.length - 1}` } }),
      maxBytes: MAX_PIECE_BYTES,
      timeoutMs: PIECE_TIMEOUT_MS,
    })
    const chunks: Uint8Array[] = []
    for await (const chunk of answer.body) chunks.push(chunk)
    let bytes: Uint8Array = Buffer.concat(chunks)
    if (range && answer.status === 200) bytes = bytes.subarray(range.start, range.start + range.length)
    return key ? this.#decrypt(bytes, key, seq) : bytes
  }

  async #decrypt(bytes: Uint8Array, key: NonNullable<HlsPiece['key']>, seq: number): Promise<Uint8Array> {
    const url = resolve(key.uri, this.#base)
    let secret = this.#keys.get(url)
    if (!secret) {
      const answer = await guardedRequest(url, { ...this.#options, maxBytes: 1_024, timeoutMs: PLAYLIST_TIMEOUT_MS })
      const chunks: Uint8Array[] = []
      for await (const chunk of answer.body) chunks.push(chunk)
      secret = Buffer.concat(chunks)
      if (secret.length !== 16) throw new MillraceError('bad_source_playlist', 'the key of a segment has not 16 bytes')
      if (this.#keys.size >= 16) this.#keys.clear()
      this.#keys.set(url, secret)
    }
    // Section 5.2: without a vector of its own it is the number of the segment.
    const vector = Buffer.alloc(16)
    if (key.iv) Buffer.from(key.iv.replace(/^0x/i, '').padStart(32, '0').slice(0, 32), 'hex').copy(vector)
    else vector.writeBigUInt64BE(BigInt(seq), 8)
    try {
      const decipher = createDecipheriv('aes-128-cbc', secret, vector)
      return Buffer.concat([decipher.update(bytes), decipher.final()])
    } catch (cause) {
      throw new MillraceError('bad_source_playlist', 'a segment cannot be decrypted with the key of its playlist', {
        cause,
      })
    }
  }
}

async function fetchPlaylist(url: string, options: GuardedOptions) {
  const limits = { maxBytes: MAX_PLAYLIST_BYTES, timeoutMs: PLAYLIST_TIMEOUT_MS }
  const answer = await guardedText(url, { ...options, ...limits })
  return { playlist: readHlsPlaylist(answer.text), url: answer.url }
}

// What cannot be resolved is refused where it is fetched.
const resolve = (uri: string, base: string): string => (URL.canParse(uri, base) ? new URL(uri, base).href : uri)

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((done, reject) => {
    const timer = setTimeout(done, ms)
    signal?.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        reject(signal.reason)
      },
      { once: true },
    )
  })
}
