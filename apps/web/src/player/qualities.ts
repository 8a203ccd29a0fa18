/** The name of a rendition from the address of its playlist: `/stream/demo/720p0.m3u8` gives `720p0`. */
export function renditionOfUrl(url: string): string {
  const path = new URL(url, 'http://localhost').pathname
  return decodeURIComponent(path.slice(path.lastIndexOf('/') + 1).replace(/\.m3u8$/, ''))
}

/** The choice that lets the player decide. */
export const AUTO = 'auto'

/** What a viewer may choose: the player's own choice, the source, then the renditions in the order of the ladder. */
export const qualityNames = (ladder: readonly string[]): readonly string[] => [AUTO, 'source', ...ladder]

/** The address of a stream's master playlist on this page's origin. */
export const masterUrl = (manifestId: string): string => `/hls/${encodeURIComponent(manifestId)}.m3u8`

/** The address of one rendition's playlist. */
export const renditionUrl = (manifestId: string, name: string): string =>
  `/stream/${encodeURIComponent(manifestId)}/${encodeURIComponent(name)}.m3u8`
