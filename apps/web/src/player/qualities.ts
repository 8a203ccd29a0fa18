/** The name of a rendition from the address of its playlist: `/cmaf/demo/720p0/ll.m3u8` gives `720p0`. */
export function renditionOfUrl(url: string): string {
  const folders = new URL(url, 'http://localhost').pathname.split('/')
  return decodeURIComponent(folders.at(-2) ?? '')
}

/** The choice that lets the player decide. */
export const AUTO = 'auto'

/** What a viewer may choose: the player's own choice, the source, then the renditions in the order of the ladder. */
export const qualityNames = (ladder: readonly string[]): readonly string[] => [AUTO, 'source', ...ladder]

/** Part by part with a second of delay, or segment by segment, which bears a slow machine. */
export type Pace = 'll' | 'fmp4'

/** The address of a stream's master playlist on this page's origin. */
export const masterUrl = (manifestId: string, pace: Pace = 'll'): string =>
  `/cmaf/${encodeURIComponent(manifestId)}/${pace}.m3u8`

/** The address of one rendition's playlist. */
export const renditionUrl = (manifestId: string, name: string): string =>
  `/cmaf/${encodeURIComponent(manifestId)}/${encodeURIComponent(name)}/ll.m3u8`
