import { byCodec, peakOf } from './master-playlist.ts'
import { partTargetSeconds, targetSeconds } from './media-playlist.ts'
import { initName } from './names.ts'
import type { CmafRenditionStore } from './rendition-store.ts'
import type { StoredSegment } from './stored-segment.ts'
import type { CmafStream } from './stream.ts'
import type { SegmentTimes } from './types.ts'

const TICKS = 90_000

/**
 * The DASH manifest of a stream (ISO 23009-1), live while it lasts and static afterwards. It lists what is complete, with its times, so that
 * segments may be of any length. The low-latency one lists what is made of parts by number alone, which lets players ask for a segment
 * while it is being made; a stream whose segments are not all of one length has none of its own and gets the other.
 */
export function dashManifest(stream: CmafStream, lowLatency: boolean): string {
  const { clock, ended, run } = stream
  const all = [...stream.renditions].filter(([, { track }]) => track)
  const since = stream.unbrokenSince
  const from = since?.seq ?? 0
  const evenTicks = lowLatency && !ended ? stream.evenTicks : undefined
  const regular = evenTicks === undefined ? undefined : { seq: from, durationTicks: evenTicks }
  const shown = regular ? all.filter(([, { live }]) => live) : all
  const target = targetSeconds(clock)
  const part = partTargetSeconds(clock)
  const startMs = since ? since.programDateTimeMs - stream.availabilityStartMs : 0
  // A manifest that is over begins with the first segment that is left.
  const firstLeft = all.flatMap(([, store]) => listedFrom(store, from)[0]?.seq ?? [])
  const offsetTicks = (ended ? clock.times.get(Math.min(...firstLeft)) : since)?.startTicks ?? 0
  const seconds = Math.max(ended ? 0 : 1, ...all.map(([, store]) => lengthOf(listedFrom(store, from))))
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>']
  lines.push(
    `<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" minBufferTime="PT${regular ? part : target}S" maxSegmentDuration="PT${target}S" ${
      ended
        ? `type="static" mediaPresentationDuration="PT${seconds.toFixed(3)}S"`
        : `type="dynamic" availabilityStartTime="${new Date(stream.availabilityStartMs).toISOString()}" publishTime="${new Date().toISOString()}" minimumUpdatePeriod="PT${target}S" timeShiftBufferDepth="PT${seconds.toFixed(3)}S" suggestedPresentationDelay="PT${(regular ? part * 4 : target * 3).toFixed(3)}S"`
    }>`,
  )
  if (regular) {
    const latency = Math.round(part * 4_000)
    lines.push(
      `<ServiceDescription id="0"><Latency target="${latency}" min="${latency >> 1}" max="${latency * 3}"/><PlaybackRate min="0.95" max="1.05"/></ServiceDescription>`,
    )
  }
  lines.push(`<Period id="${from}" start="PT${ended ? 0 : (startMs / 1_000).toFixed(3)}S">`)
  const groups = (['video', 'audio'] as const).flatMap((kind) => {
    const ofKind = shown.filter(([, { facts }]) => facts.kind === kind)
    return byCodec(ofKind).map((group) => ({ kind, group }))
  })
  for (const { kind, group } of groups) {
    lines.push(`<AdaptationSet contentType="${kind}" mimeType="${kind}/mp4" segmentAlignment="true" startWithSAP="1">`)
    for (const [name, store] of group) {
      const { track } = store
      const size = track?.width ? ` width="${track.width}" height="${track.height}"` : ''
      const rate = store.fps ? ` frameRate="${Math.round(store.fps * 1_000)}/1000"` : ''
      const sampling = kind === 'audio' ? ` audioSamplingRate="${track?.timescale}"` : ''
      lines.push(
        `<Representation id="${name}" bandwidth="${peakOf(store)}" codecs="${track?.codecs}"${size}${rate}${sampling}>`,
        ...template(name, store, { run, from, offsetTicks, regular, part, times: clock.times }),
        '</Representation>',
      )
    }
    lines.push('</AdaptationSet>')
  }
  lines.push('</Period>')
  if (!ended) lines.push('<UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-xsdate:2014" value="../time"/>')
  lines.push('</MPD>')
  return `${lines.join('\n')}\n`
}

type TemplateContext = {
  readonly run: string
  readonly from: number
  readonly offsetTicks: number
  readonly regular: { readonly seq: number; readonly durationTicks: number } | undefined
  readonly part: number
  readonly times: ReadonlyMap<number, SegmentTimes>
}

function template(name: string, store: CmafRenditionStore, context: TemplateContext): string[] {
  const { run, from, offsetTicks, regular, part, times } = context
  const timescale = store.track?.timescale ?? TICKS
  const scale = timescale / TICKS
  const listed = listedFrom(store, from)
  const init = initName(run, listed.at(-1)?.init ?? Math.max(0, store.inits.length - 1))
  const names = `initialization="${name}/${init}" media="${name}/${run}-$Number$.m4s"`
  const head = `<SegmentTemplate timescale="${timescale}" presentationTimeOffset="${Math.round(offsetTicks * scale)}" ${names}`
  if (regular) {
    const duration = Math.round(regular.durationTicks * scale)
    const ahead = regular.durationTicks / TICKS - part
    return [
      `${head} startNumber="${regular.seq}" duration="${duration}" availabilityTimeOffset="${ahead.toFixed(3)}" availabilityTimeComplete="false"/>`,
    ]
  }
  const startOf = (segment: StoredSegment): number => {
    const told = store.facts.kind === 'video' ? times.get(segment.seq)?.startTicks : undefined
    return told === undefined ? (segment.baseTime ?? 0) : Math.round(told * scale)
  }
  const rows = listed.map((segment, i) => {
    const start = startOf(segment)
    const next = listed[i + 1]
    const length = next ? startOf(next) - start : Math.round((segment.durationMs * timescale) / 1_000)
    return { start, length }
  })
  const lines: string[] = []
  for (let i = 0; i < rows.length; ) {
    const { start, length } = rows[i]!
    let repeats = 0
    while (rows[i + repeats + 1]?.length === length) repeats++
    lines.push(`<S t="${start}" d="${length}"${repeats > 0 ? ` r="${repeats}"` : ''}/>`)
    i += repeats + 1
  }
  return [
    `${head} startNumber="${listed[0]?.seq ?? from}">`,
    '<SegmentTimeline>',
    ...lines,
    '</SegmentTimeline>',
    '</SegmentTemplate>',
  ]
}

/** The complete segments from here on, or after the last gap, which a list by number cannot tell. */
function listedFrom(store: CmafRenditionStore, from: number): readonly StoredSegment[] {
  const all = store.listed(true).filter(({ seq, complete }) => seq >= from && complete)
  return all.slice(all.findLastIndex(({ gap }) => gap) + 1)
}

const lengthOf = (segments: readonly StoredSegment[]): number =>
  segments.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1_000
