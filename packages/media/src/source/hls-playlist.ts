import { MillraceError } from '@millrace/base'

/** Bytes of a playlist, and lines of it, that are read; a day of 2 s segments has fewer. */
export const MAX_PLAYLIST_BYTES = 8 * 1024 * 1024
const MAX_LINES = 200_000
const MAX_ATTRIBUTES = 50

export type HlsVariant = { readonly uri: string; readonly bandwidth: number; readonly audio: string | undefined }
export type HlsAudio = { readonly group: string; readonly uri: string; readonly isDefault: boolean }

export type HlsPiece = {
  readonly uri: string
  readonly seq: number
  readonly durationMs: number
  readonly discontinuity: boolean
  readonly range: ByteRange | undefined
  readonly map: { readonly uri: string; readonly range: ByteRange | undefined } | undefined
  readonly key: { readonly uri: string; readonly iv: string | undefined } | undefined
}

export type ByteRange = { readonly start: number; readonly length: number }

export type HlsPlaylist =
  | { readonly kind: 'master'; readonly variants: readonly HlsVariant[]; readonly audios: readonly HlsAudio[] }
  | { readonly kind: 'media'; readonly pieces: readonly HlsPiece[]; readonly ended: boolean; readonly targetMs: number }

/** Reads a playlist (RFC 8216); throws `bad_source_playlist`. */
export function readHlsPlaylist(text: string): HlsPlaylist {
  if (!/^\uFEFF?#EXTM3U/.test(text)) throw bad('it does not begin with #EXTM3U')
  const lines = text.split(/\r?\n/, MAX_LINES + 1)
  if (lines.length > MAX_LINES) throw bad(`it has more than ${MAX_LINES} lines`)
  return lines.some((line) => line.startsWith('#EXT-X-STREAM-INF:')) ? readMaster(lines) : readMedia(lines)
}

function readMaster(lines: readonly string[]): HlsPlaylist {
  const variants: HlsVariant[] = []
  const audios: HlsAudio[] = []
  let pending: Record<string, string> | undefined
  for (const line of lines) {
    if (line.startsWith('#EXT-X-STREAM-INF:')) pending = attributes(line)
    else if (line.startsWith('#EXT-X-MEDIA:')) {
      const { TYPE, URI, 'GROUP-ID': group = '', DEFAULT } = attributes(line)
      if (TYPE === 'AUDIO' && URI) audios.push({ group, uri: URI, isDefault: DEFAULT === 'YES' })
    } else if (pending && line !== '' && !line.startsWith('#')) {
      variants.push({ uri: line.trim(), bandwidth: Number(pending.BANDWIDTH) || 0, audio: pending.AUDIO })
      pending = undefined
    }
  }
  if (variants.length === 0) throw bad('it names no variant')
  return { kind: 'master', variants, audios }
}

function readMedia(lines: readonly string[]): HlsPlaylist {
  const pieces: HlsPiece[] = []
  let seq = 0
  let targetMs = 2_000
  let ended = false
  let durationMs: number | undefined
  let discontinuity = false
  let range: ByteRange | undefined
  let map: HlsPiece['map']
  let key: HlsPiece['key']
  let rangeEnd = 0
  for (const line of lines) {
    const [, tag = '', value = ''] = /^(#EXT[A-Z0-9-]*):?(.*)$/.exec(line) ?? []
    if (tag === '#EXT-X-MEDIA-SEQUENCE') seq = Math.max(0, Math.floor(Number(value)) || 0)
    else if (tag === '#EXT-X-TARGETDURATION') targetMs = Math.min(60_000, Math.max(500, Number(value) * 1_000 || 2_000))
    else if (tag === '#EXT-X-ENDLIST') ended = true
    else if (tag === '#EXT-X-DISCONTINUITY') discontinuity = true
    else if (tag === '#EXTINF') durationMs = Math.max(0, Number.parseFloat(value) * 1_000 || 0)
    else if (tag === '#EXT-X-BYTERANGE') range = byteRange(value, rangeEnd)
    else if (tag === '#EXT-X-MAP') {
      const { URI, BYTERANGE } = attributes(line)
      if (URI === undefined) throw bad('an #EXT-X-MAP has no URI')
      map = { uri: URI, range: BYTERANGE === undefined ? undefined : byteRange(BYTERANGE, 0) }
    } else if (tag === '#EXT-X-KEY') {
      const { METHOD, URI, IV } = attributes(line)
      if (METHOD !== 'NONE' && (METHOD !== 'AES-128' || URI === undefined))
        throw bad(`it is encrypted by ${String(METHOD).slice(0, 20)}: AES-128 alone can be read`)
      key = METHOD === 'NONE' ? undefined : { uri: URI as string, iv: IV }
    } else if (line !== '' && !line.startsWith('#') && durationMs !== undefined) {
      pieces.push({ uri: line.trim(), seq: seq++, durationMs, discontinuity, range, map, key })
      if (range) rangeEnd = range.start + range.length
      durationMs = undefined
      discontinuity = false
      range = undefined
    }
  }
  return { kind: 'media', pieces, ended, targetMs }
}

function byteRange(text: string, after: number): ByteRange {
  const [, length = '', start] = /^"?(\d{1,12})(?:@(\d{1,12}))?"?$/.exec(text.trim()) ?? []
  if (length === '') throw bad('a byte range cannot be read')
  return { start: start === undefined ? after : Number(start), length: Number(length) }
}

function attributes(line: string): Record<string, string> {
  const found: Record<string, string> = Object.create(null)
  let count = 0
  for (const [, name = '', quoted, plain] of line.matchAll(/([A-Z0-9-]+)=(?:"([^"]*)"|([^,]*))/g)) {
    if (++count > MAX_ATTRIBUTES) break
    found[name] = quoted ?? plain ?? ''
  }
  return found
}

const bad = (why: string) => new MillraceError('bad_source_playlist', `the playlist cannot be read: ${why}`)
