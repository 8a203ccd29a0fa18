import { setTimeout as sleep } from 'node:timers/promises'

/** One variant as the master playlist lists it. */
export type Variant = {
  readonly uri: string
  readonly bandwidthBps: number
  readonly resolution: string | undefined
  readonly codecs: string | undefined
}

export type PlayedSegment = { readonly seq: number; readonly durationMs: number; readonly data: Uint8Array }

/** What a player got of one rendition. */
export type Played = {
  readonly name: string
  readonly segments: PlayedSegment[]
  /** Different texts of the playlist that were seen while the stream was live. */
  versions: number
  discontinuities: number
  gaps: number
  ended: boolean
}

type MediaPlaylist = {
  readonly segments: readonly { readonly seq: number; readonly uri: string; readonly durationMs: number }[]
  readonly discontinuities: number
  readonly gaps: number
  readonly ended: boolean
}

/**
 * Reads HLS over HTTP as a player does: the master playlist, then every rendition's playlist again and again, and each segment once.
 * It plays all renditions side by side, so that they can be compared.
 */
export class HlsPlayer {
  readonly #url: string
  readonly #renditions = new Map<string, Played>()
  #text = new Map<string, string>()
  #variants: readonly Variant[] = []

  constructor(url: string) {
    this.#url = url
  }

  /** The variants that the latest master playlist lists. */
  get variants(): readonly Variant[] {
    return this.#variants
  }

  get played(): readonly Played[] {
    return [...this.#renditions.values()]
  }

  rendition(name: string): Played {
    const found = this.#renditions.get(name)
    if (!found) throw new Error(`no rendition ${name} was seen`)
    return found
  }

  /** Follows until every playlist has ended; the stream may begin later than this. */
  async followToEnd(options: { readonly signal: AbortSignal }): Promise<void> {
    for (;;) {
      await this.refresh()
      if (this.played.length > 0 && this.played.every(({ ended }) => ended)) return
      await sleep(300, undefined, options)
    }
  }

  /** Reads the playlists once and takes the segments that are new. */
  async refresh(): Promise<void> {
    const master = await fetch(this.#url)
    if (master.status === 404) return
    this.#variants = parseMaster(await master.text())
    await Promise.all(this.#variants.map((variant) => this.#refreshVariant(variant)))
  }

  async #refreshVariant({ uri }: Variant): Promise<void> {
    const url = new URL(uri, this.#url)
    const name = uri.replace(/^.*\//, '').replace(/\.m3u8$/, '')
    const known = this.#renditions.get(name)
    const played = known ?? { name, segments: [], versions: 0, discontinuities: 0, gaps: 0, ended: false }
    if (!known) this.#renditions.set(name, played)
    if (played.ended) return
    const text = await (await fetch(url)).text()
    const playlist = parseMedia(text)
    if (!playlist.ended && this.#text.get(name) !== text) played.versions++
    this.#text.set(name, text)
    for (const { seq, uri: segmentUri, durationMs } of playlist.segments) {
      const last = played.segments.at(-1)
      if (last && seq <= last.seq) continue
      const response = await fetch(new URL(segmentUri, url))
      if (!response.ok) throw new Error(`${segmentUri} of ${name} answered ${response.status}`)
      played.segments.push({ seq, durationMs, data: new Uint8Array(await response.arrayBuffer()) })
    }
    played.discontinuities = Math.max(played.discontinuities, playlist.discontinuities)
    played.gaps = Math.max(played.gaps, playlist.gaps)
    played.ended = playlist.ended
  }
}

function parseMaster(text: string): readonly Variant[] {
  const lines = text.trim().split('\n')
  if (lines[0] !== '#EXTM3U') throw new Error(`this is no playlist: ${lines[0]}`)
  return lines.flatMap((line, i) => {
    if (!line.startsWith('#EXT-X-STREAM-INF:')) return []
    return [
      {
        uri: lines[i + 1] ?? '',
        bandwidthBps: Number(/[:,]BANDWIDTH=(\d+)/.exec(line)?.[1]),
        resolution: /RESOLUTION=([\dx]+)/.exec(line)?.[1],
        codecs: /CODECS="([^"]*)"/.exec(line)?.[1],
      },
    ]
  })
}

function parseMedia(text: string): MediaPlaylist {
  const lines = text.trim().split('\n')
  if (lines[0] !== '#EXTM3U') throw new Error(`this is no playlist: ${lines[0]}`)
  let seq = Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(text)?.[1] ?? 0)
  let durationMs = 0
  const segments: { seq: number; uri: string; durationMs: number }[] = []
  for (const line of lines)
    if (line.startsWith('#EXTINF:')) durationMs = Math.round(Number.parseFloat(line.slice(8)) * 1000)
    else if (!line.startsWith('#')) segments.push({ seq: seq++, uri: line, durationMs })
  const count = (tag: string) => lines.filter((line) => line === tag).length
  return {
    segments,
    // A break that has left the window still counts.
    discontinuities: count('#EXT-X-DISCONTINUITY') + Number(/#EXT-X-DISCONTINUITY-SEQUENCE:(\d+)/.exec(text)?.[1] ?? 0),
    gaps: count('#EXT-X-GAP'),
    ended: lines.includes('#EXT-X-ENDLIST'),
  }
}
