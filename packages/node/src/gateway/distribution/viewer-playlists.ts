/** Has a place of its own already, for example in a bucket. */
const isElsewhere = (uri: string): boolean =>
  uri.startsWith('/') || uri.includes('?') || /^[a-z][a-z0-9+.-]*:/i.test(uri)

/** Stands where a query comes; playlists have no tabs. */
const BLANK = '\t'
const withBlank = (line: string): string =>
  line.replace(/URI="([^"]+)"/, (whole, uri: string) => (isElsewhere(uri) ? whole : `URI="${uri}${BLANK}"`))

/**
 * A media playlist cut where the addresses of segments, parts and other playlists end: joined with a query it is the playlist of one
 * viewer. The addresses themselves stay as they are for as long as they are listed, as RFC 8216 section 6.2.1 wants it.
 * Initialisation segments are left out: they are small, and players load them anew when their address changes.
 */
export function viewerPlaylist(text: string): readonly string[] {
  return text
    .replaceAll(BLANK, '')
    .split('\n')
    .map((line) => {
      if (line.startsWith('#EXT-X-PART:') || line.startsWith('#EXT-X-PRELOAD-HINT:TYPE=PART')) return withBlank(line)
      if (line.startsWith('#EXT-X-RENDITION-REPORT:')) return withBlank(line)
      return line === '' || line.startsWith('#') || isElsewhere(line) ? line : `${line}${BLANK}`
    })
    .join('\n')
    .split(BLANK)
}

/** A multivariant playlist whose media playlists are asked for with this query, so that a viewer is known again. */
export const viewerMaster = (text: string, query: string): string =>
  text
    .replaceAll(BLANK, '')
    .split('\n')
    .map((line) => {
      if (line.startsWith('#EXT-X-MEDIA:')) return withBlank(line)
      return line === '' || line.startsWith('#') || isElsewhere(line) ? line : `${line}${BLANK}`
    })
    .join('\n')
    .replaceAll(BLANK, query)
