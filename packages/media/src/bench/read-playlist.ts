import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { MillraceError } from '@millrace/base'
import { diskError } from '@millrace/base/node'

/** A segment of a playlist: the files that make it up, one, or an initialisation and one. */
export type ListedSegment = {
  readonly files: readonly string[]
  readonly durationMs: number
  readonly container: 'mpegts' | 'mp4'
}

/** The segments of a media playlist whose files lie on this machine (RFC 8216). Throws `bad_playlist` or a disk error. */
export async function readPlaylist(path: string): Promise<readonly ListedSegment[]> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw diskError(cause, path)
  })
  return parsePlaylist(text, path)
}

/** As `readPlaylist`, of a text; `path` is where it lay, names in it are relative to that. */
export function parsePlaylist(text: string, path: string): readonly ListedSegment[] {
  const bad = (why: string) => new MillraceError('bad_playlist', `${path} cannot be used: ${why}`)
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  if (lines[0] !== '#EXTM3U') throw bad('it does not begin with #EXTM3U')
  const fileOf = (uri: string) => {
    if (/^[a-z][a-z0-9+.-]+:/i.test(uri)) throw bad(`${uri.slice(0, 100)} is no file of this machine`)
    try {
      return resolve(dirname(path), decodeURIComponent(uri))
    } catch {
      throw bad(`${uri.slice(0, 100)} is no name of a file`)
    }
  }
  const segments: ListedSegment[] = []
  let durationMs: number | undefined
  let map: string | undefined
  for (const line of lines) {
    if (line.startsWith('#EXT-X-STREAM-INF')) throw bad('it is a master playlist: name one of its media playlists')
    if (line.startsWith('#EXT-X-BYTERANGE')) throw bad('parts of files (EXT-X-BYTERANGE) are not read')
    if (line.startsWith('#EXT-X-KEY') && !line.includes('METHOD=NONE')) throw bad('its segments are encrypted')
    if (line.startsWith('#EXT-X-MAP:')) map = /URI="([^"]+)"/.exec(line)?.[1]
    if (line.startsWith('#EXTINF:'))
      durationMs = Math.round(Number.parseFloat(line.slice('#EXTINF:'.length)) * 1e6) / 1e3
    if (line === '' || line.startsWith('#')) continue
    if (durationMs === undefined || !(durationMs > 0)) throw bad(`${line.slice(0, 100)} has no length above 0 (EXTINF)`)
    const isMp4 = map !== undefined || /\.(mp4|m4s|cmfv)$/i.test(line)
    segments.push({
      files: [...(map === undefined ? [] : [fileOf(map)]), fileOf(line)],
      durationMs,
      container: isMp4 ? 'mp4' : 'mpegts',
    })
    durationMs = undefined
  }
  if (segments.length === 0) throw bad('it has no segments')
  return segments
}
