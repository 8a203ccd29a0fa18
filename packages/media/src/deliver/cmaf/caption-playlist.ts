import { type PlaylistForm, targetSeconds } from './media-playlist.ts'
import { captionName } from './names.ts'
import type { CmafRenditionStore, StreamClock } from './rendition-store.ts'

/** Name of the rendition of text. */
export const CAPTIONS = 'cc1'

/** WebVTT of the segments, by their number. */
export type CaptionStore = Map<number, Uint8Array>

/** The segments of captions beside those of the pictures: whole ones, with the same numbers and lengths (RFC 8216, section 3.5). */
export function captionPlaylist(
  pictures: CmafRenditionStore,
  form: PlaylistForm,
  { run, clock, captions }: { readonly run: string; readonly clock: StreamClock; readonly captions: CaptionStore },
): string {
  const latest = Math.max(...captions.keys())
  const segments = pictures.listed(form === 'dvr').filter(({ complete, seq }) => complete && seq <= latest)
  const target = targetSeconds(clock)
  const lines = ['#EXTM3U', '#EXT-X-VERSION:9', `#EXT-X-TARGETDURATION:${target}`]
  lines.push(`#EXT-X-SERVER-CONTROL:HOLD-BACK=${target * 3}`)
  const first = segments[0]
  lines.push(`#EXT-X-MEDIA-SEQUENCE:${first?.seq ?? 0}`)
  const breaks = first ? pictures.discontinuitiesBefore(first.seq) : 0
  if (breaks > 0) lines.push(`#EXT-X-DISCONTINUITY-SEQUENCE:${breaks}`)
  for (const { seq, durationMs } of segments) {
    const times = clock.times.get(seq)
    if (times?.discontinuity) lines.push('#EXT-X-DISCONTINUITY')
    if (times) lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(times.programDateTimeMs).toISOString()}`)
    lines.push(`#EXTINF:${(durationMs / 1_000).toFixed(5)},`, captionName(run, seq))
  }
  if (pictures.ended) lines.push('#EXT-X-ENDLIST')
  return `${lines.join('\n')}\n`
}
