import { targetDuration } from '../../playlist/live.ts'
import { initName, partName, segmentName } from './names.ts'
import type { CmafRenditionStore, StreamClock } from './rendition-store.ts'
import type { StoredSegment } from './stored-segment.ts'

/** Low latency with parts, plain segments for every player, or all segments that are kept for rewinding. */
export type PlaylistForm = 'll' | 'fmp4' | 'dvr'

export type PlaylistContext = {
  readonly run: string
  readonly clock: StreamClock
  /** The other renditions of the stream, by name. */
  readonly others: readonly (readonly [string, CmafRenditionStore])[]
  /** True to leave out old segments that the player has already (delta update). */
  readonly skip: boolean
}

/** Parts are listed this many target durations before the end (RFC 8216bis section 4.4.4.9). */
const PART_TARGETS = 3
/** A player may ask for a delta when its playlist is no older than this many target durations (section 4.4.3.8: six at least). */
const SKIP_TARGETS = 6

/** Target durations as they are told, in seconds. */
export const targetSeconds = ({ targetMs }: StreamClock): number => targetDuration(targetMs)
// A little above the longest part: time stamps in whole milliseconds make parts of one length differ.
export const partTargetSeconds = ({ partTargetMs }: StreamClock): number => Math.ceil(partTargetMs * 1.04) / 1_000

const seconds = (ms: number): string => (ms / 1_000).toFixed(5)

/** The media playlist of a rendition (RFC 8216bis). */
export function mediaPlaylist(store: CmafRenditionStore, form: PlaylistForm, context: PlaylistContext): string {
  const { clock, run } = context
  const all = store.listed(form === 'dvr')
  // Who waits for a part of what comes in whole segments would wait longer than players have patience for.
  const withParts = form === 'll' && all.some(({ byParts }) => byParts)
  const segments = withParts ? all : all.filter(({ complete }) => complete)
  const target = targetSeconds(clock)
  const partTarget = partTargetSeconds(clock)
  const lines = ['#EXTM3U', `#EXT-X-VERSION:${form === 'fmp4' ? 8 : 9}`, `#EXT-X-TARGETDURATION:${target}`]
  const control = [`HOLD-BACK=${target * 3}`]
  // Players take a playlist that can be waited for as one of low latency.
  if (withParts) control.unshift('CAN-BLOCK-RELOAD=YES', `PART-HOLD-BACK=${(partTarget * 3).toFixed(3)}`)
  if (form !== 'fmp4') control.push(`CAN-SKIP-UNTIL=${target * SKIP_TARGETS}`)
  lines.push(`#EXT-X-SERVER-CONTROL:${control.join(',')}`)
  if (withParts) lines.push(`#EXT-X-PART-INF:PART-TARGET=${partTarget.toFixed(3)}`)
  const first = segments[0]
  lines.push(`#EXT-X-MEDIA-SEQUENCE:${first?.seq ?? 0}`)
  const breaks = first ? store.discontinuitiesBefore(first.seq) : 0
  if (breaks > 0) lines.push(`#EXT-X-DISCONTINUITY-SEQUENCE:${breaks}`)
  if (segments.every(({ independent }) => independent)) lines.push('#EXT-X-INDEPENDENT-SEGMENTS')
  const skipped = context.skip && form !== 'fmp4' ? skippable(segments, target) : 0
  if (skipped > 0) lines.push(`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`)
  const partsFrom = withParts ? firstWithParts(segments, target) : segments.length
  let init = skipped > 0 ? segments[skipped - 1]!.init : -1
  for (let i = skipped; i < segments.length; i++) {
    const segment = segments[i]!
    const times = clock.times.get(segment.seq)
    if (times?.discontinuity) lines.push('#EXT-X-DISCONTINUITY')
    if (segment.init !== init && store.inits.length > 0) {
      init = segment.init
      lines.push(`#EXT-X-MAP:URI="${initName(run, init)}"`)
    }
    if (times) lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(times.programDateTimeMs).toISOString()}`)
    if (i >= partsFrom) lines.push(...partLines(segment, run))
    if (!segment.complete) continue
    if (segment.gap) lines.push('#EXT-X-GAP')
    lines.push(`#EXTINF:${seconds(segment.durationMs)},`, segmentName(run, segment.seq))
  }
  if (store.ended) lines.push('#EXT-X-ENDLIST')
  else if (withParts) {
    const hint = nextPart(store)
    if (hint) lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${partName(run, hint.seq, hint.index)}"`)
    lines.push(...reports(context.others, form))
  }
  return `${lines.join('\n')}\n`
}

function partLines(segment: StoredSegment, run: string): string[] {
  return segment.parts.map(
    ({ durationMs, independent, data }, index) =>
      `#EXT-X-PART:DURATION=${seconds(durationMs)},URI="${partName(run, segment.seq, index)}"${independent ? ',INDEPENDENT=YES' : ''}${data ? '' : ',GAP=YES'}`,
  )
}

/** The part that comes next: of the segment that is being made, or of the one after it when that is as long as the last. */
export function nextPart(store: CmafRenditionStore): { readonly seq: number; readonly index: number } | undefined {
  const { last, segments } = store
  if (!last) return undefined
  if (last.complete) return { seq: last.seq + 1, index: 0 }
  const before = segments.at(-2)
  const isFull = before !== undefined && !before.gap && last.durationMs > before.durationMs - 15
  return isFull ? { seq: last.seq + 1, index: 0 } : { seq: last.seq, index: last.parts.length }
}

/** How many segments a delta update leaves out: those that end before the skip boundary (RFC 8216bis section 6.2.5.1). */
function skippable(segments: readonly StoredSegment[], target: number): number {
  let left = 0
  for (let i = segments.length - 1; i >= 0; i--) {
    left += segments[i]!.durationMs
    if (left > target * SKIP_TARGETS * 1_000) return i
  }
  return 0
}

function firstWithParts(segments: readonly StoredSegment[], target: number): number {
  let left = 0
  for (let i = segments.length - 1; i >= 0; i--) {
    left += segments[i]!.durationMs
    if (left > target * PART_TARGETS * 1_000) return i
  }
  return 0
}

/** Where the other renditions are, so that a player can change without asking for a playlist first (RFC 8216bis section 4.4.5.4). */
function reports(others: PlaylistContext['others'], form: PlaylistForm): string[] {
  const lines: string[] = []
  for (const [name, store] of others) {
    const last = store.segments.findLast(({ parts, complete }) => complete || parts.length > 0)
    if (!last || !store.live) continue
    const part = last.byParts ? `,LAST-PART=${last.parts.length - 1}` : ''
    lines.push(`#EXT-X-RENDITION-REPORT:URI="../${name}/${form}.m3u8",LAST-MSN=${last.seq}${part}`)
  }
  return lines
}
