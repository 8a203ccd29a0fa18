import { type PlaylistSegment, segmentLines, targetDuration } from './live.ts'

/** The media playlist of something that is complete: all its segments and an end. */
export function vodPlaylist(segments: readonly PlaylistSegment[]): string {
  const longest = segments.reduce((most, segment) => Math.max(most, segment.durationMs), 0)
  const hasGap = segments.some((segment) => segment.gap)
  return `${[
    '#EXTM3U',
    `#EXT-X-VERSION:${hasGap ? 8 : 3}`,
    '#EXT-X-PLAYLIST-TYPE:VOD',
    `#EXT-X-TARGETDURATION:${targetDuration(longest)}`,
    `#EXT-X-MEDIA-SEQUENCE:${segments[0]?.seq ?? 0}`,
    ...segments.flatMap((segment) => segmentLines(segment)),
    '#EXT-X-ENDLIST',
  ].join('\n')}\n`
}
