/** A media playlist whose addresses are still to be filled in for a viewer. */
export type PlaylistTemplate = {
  /** The playlist as the gateway's own viewers get it. */
  readonly text: string
  /** Text, and before each piece but the first one a blank to be filled in. */
  readonly pieces: readonly string[]
  /** What stands in each blank: the beginning of the address of a file, or the end of that of a playlist. */
  readonly blanks: readonly ('file' | 'playlist')[]
  /** Whole segments by their media sequence number, oldest first. */
  readonly segments: readonly { readonly number: number; readonly bytes: number }[]
  readonly bytesPerSecond: number
}

/** Marks of blanks: playlists have no tabs and no carriage returns. */
const FILE = '\t'
const PLAYLIST = '\r'
/** Has a place of its own already, for example in a bucket. */
const isElsewhere = (uri: string): boolean => uri.startsWith('/') || /^[a-z][a-z0-9+.-]*:/i.test(uri)

/**
 * Finds what viewers fetch in a media playlist: segments, parts, and the part that is hinted at. Initialisation segments stay where
 * they are: they are small, and players load them anew whenever their address changes. `sizeOf` tells the bytes of a segment.
 */
export function playlistTemplate(text: string, sizeOf: (uri: string) => number): PlaylistTemplate {
  const lines = text.replace(/[\t\r]/g, '').split('\n')
  const segments: { number: number; bytes: number }[] = []
  let number = 0
  let durationS = 0
  let gap = false
  let bytes = 0
  let seconds = 0
  const marked = lines.map((line) => {
    if (line.startsWith('#EXTINF:')) durationS = Number.parseFloat(line.slice(8))
    else if (line === '#EXT-X-GAP') gap = true
    else if (line.startsWith('#EXT-X-MEDIA-SEQUENCE:')) number = Number(line.slice(22))
    else if (line.startsWith('#EXT-X-SKIP:')) number += Number(/SKIPPED-SEGMENTS=(\d+)/.exec(line)?.[1] ?? 0)
    else if (line.startsWith('#EXT-X-PART:') || line.startsWith('#EXT-X-PRELOAD-HINT:TYPE=PART'))
      return line.replace(/URI="([^"]+)"/, (whole, uri: string) => (isElsewhere(uri) ? whole : `URI="${FILE}${uri}"`))
    else if (line.startsWith('#EXT-X-RENDITION-REPORT:')) return line.replace(/URI="([^"]+)"/, `URI="$1${PLAYLIST}"`)
    else if (line !== '' && !line.startsWith('#')) {
      const isOurs = !gap && !isElsewhere(line)
      const size = isOurs ? sizeOf(line) : 0
      segments.push({ number, bytes: size })
      bytes += size
      if (isOurs) seconds += durationS
      number++
      gap = false
      return isOurs ? `${FILE}${line}` : line
    }
    return line
  })
  const all = marked.join('\n')
  return {
    text,
    pieces: all.split(/[\t\r]/),
    blanks: [...all].filter((c) => c === FILE || c === PLAYLIST).map((c) => (c === FILE ? 'file' : 'playlist')),
    segments,
    bytesPerSecond: seconds > 0 ? bytes / seconds : 0,
  }
}

/** The playlist with files at `base`, which ends with a slash, and `query` behind the addresses of other playlists. */
export function fillTemplate({ pieces, blanks }: PlaylistTemplate, base: string, query: string): string {
  let text = pieces[0] ?? ''
  for (const [i, blank] of blanks.entries()) text += (blank === 'file' ? base : query) + pieces[i + 1]
  return text
}

/** A multivariant playlist whose media playlists are asked for with this query, so that a viewer is known again. */
export const withQuery = (text: string, query: string): string =>
  text
    .split('\n')
    .map((line) => {
      if (line.startsWith('#EXT-X-MEDIA:')) return line.replace(/URI="([^"?]+)"/, `URI="$1${query}"`)
      return line === '' || line.startsWith('#') || line.includes('?') ? line : `${line}${query}`
    })
    .join('\n')
