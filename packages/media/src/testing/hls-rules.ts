/** The attributes of a tag: names to values without their quotes. */
type Attributes = Readonly<Record<string, string>>

export type ReadPart = {
  readonly uri: string
  readonly duration: number
  readonly independent: boolean
  readonly gap: boolean
}

export type ReadSegment = {
  readonly seq: number
  readonly uri: string | undefined
  readonly duration: number
  readonly discontinuity: boolean
  readonly gap: boolean
  readonly map: string | undefined
  readonly dateMs: number | undefined
  readonly parts: readonly ReadPart[]
}

export type ReadPlaylist = {
  readonly version: number
  readonly target: number
  readonly partTarget: number | undefined
  readonly control: Attributes
  readonly mediaSequence: number
  readonly discontinuitySequence: number
  readonly skipped: number
  readonly segments: readonly ReadSegment[]
  readonly hint: Attributes | undefined
  readonly reports: readonly Attributes[]
  readonly ended: boolean
}

/** Most lines that a playlist may have; a list of a day of two-second segments stays below. */
const MAX_LINES = 400_000

/** Reads a media playlist; throws with the line that cannot be read. */
export function readPlaylist(text: string): ReadPlaylist {
  if (!text.startsWith('#EXTM3U\n')) throw new Error('a playlist begins with #EXTM3U')
  const lines = text.split('\n', MAX_LINES + 1)
  if (lines.length > MAX_LINES) throw new Error(`a playlist has more than ${MAX_LINES} lines`)
  const found = {
    version: 1,
    target: Number.NaN,
    partTarget: undefined as number | undefined,
    control: {} as Attributes,
    mediaSequence: 0,
    discontinuitySequence: 0,
    skipped: 0,
    segments: [] as ReadSegment[],
    hint: undefined as Attributes | undefined,
    reports: [] as Attributes[],
    ended: false,
  }
  let map: string | undefined
  const fresh = () => ({
    duration: Number.NaN,
    discontinuity: false,
    gap: false,
    dateMs: undefined as number | undefined,
    parts: [] as ReadPart[],
  })
  let open = fresh()
  const keep = (uri: string | undefined) => {
    const seq = found.mediaSequence + found.skipped + found.segments.length
    found.segments.push({ ...open, seq, uri, map })
    open = fresh()
  }
  for (const line of lines) {
    if (line === '') continue
    if (!line.startsWith('#')) {
      keep(line)
      continue
    }
    const colon = line.indexOf(':')
    const tag = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1)
    if (tag === '#EXT-X-VERSION') found.version = Number(value)
    else if (tag === '#EXT-X-TARGETDURATION') found.target = whole(line, value)
    else if (tag === '#EXT-X-PART-INF') found.partTarget = Number(attributes(value)['PART-TARGET'])
    else if (tag === '#EXT-X-SERVER-CONTROL') found.control = attributes(value)
    else if (tag === '#EXT-X-MEDIA-SEQUENCE') found.mediaSequence = whole(line, value)
    else if (tag === '#EXT-X-DISCONTINUITY-SEQUENCE') found.discontinuitySequence = whole(line, value)
    else if (tag === '#EXT-X-SKIP') found.skipped = Number(attributes(value)['SKIPPED-SEGMENTS'])
    else if (tag === '#EXT-X-MAP') map = attributes(value).URI
    else if (tag === '#EXT-X-DISCONTINUITY') open.discontinuity = true
    else if (tag === '#EXT-X-GAP') open.gap = true
    else if (tag === '#EXT-X-PROGRAM-DATE-TIME') open.dateMs = Date.parse(value)
    else if (tag === '#EXT-X-PART') open.parts.push(partOf(attributes(value)))
    else if (tag === '#EXTINF') open.duration = Number.parseFloat(value)
    else if (tag === '#EXT-X-PRELOAD-HINT') found.hint = attributes(value)
    else if (tag === '#EXT-X-RENDITION-REPORT') found.reports.push(attributes(value))
    else if (tag === '#EXT-X-PLAYLIST-TYPE') {
      if (value !== 'VOD' && value !== 'EVENT') throw new Error(`what is this: ${line}`)
    } else if (tag === '#EXT-X-ENDLIST') found.ended = true
    else if (!['#EXTM3U', '#EXT-X-INDEPENDENT-SEGMENTS'].includes(tag)) throw new Error(`what is this: ${line}`)
  }
  if (open.parts.length > 0) keep(undefined)
  return found
}

const partOf = (a: Attributes): ReadPart => ({
  uri: a.URI ?? '',
  duration: Number(a.DURATION),
  independent: a.INDEPENDENT === 'YES',
  gap: a.GAP === 'YES',
})

function attributes(text: string): Attributes {
  const found: Record<string, string> = {}
  for (const [, name, quoted, plain] of text.matchAll(/([A-Z0-9-]+)=(?:"([^"]*)"|([^,]*))/g))
    found[name as string] = quoted ?? plain ?? ''
  return found
}

function whole(line: string, value: string): number {
  if (!/^\d+$/.test(value)) throw new Error(`a whole number is missing: ${line}`)
  return Number(value)
}

/** The breaches of RFC 8216bis in one playlist; none when it keeps the rules. */
export function brokenRules(list: ReadPlaylist): string[] {
  const broken: string[] = []
  const must = (holds: boolean, rule: string) => void (holds || broken.push(rule))
  const { segments, target, partTarget, control } = list
  must(target >= 1, '4.4.3.1: there is a target duration')
  for (const { seq, uri, duration, map, parts } of segments) {
    // A segment that is being made has no length yet.
    if (uri !== undefined)
      must(Math.round(duration) <= target, `4.4.3.1: segment ${seq} lasts ${duration} s, the target is ${target}`)
    must(
      map !== undefined || list.skipped > 0 || parts.every((part) => part.gap),
      `4.4.4.5: segment ${seq} has an initialisation segment`,
    )
    if (uri !== undefined && parts.length > 0) {
      const sum = parts.reduce((all, part) => all + part.duration, 0)
      must(Math.abs(sum - duration) < 0.05, `4.4.4.9: the parts of segment ${seq} last ${sum} s, itself ${duration}`)
    }
    for (const [i, part] of parts.entries()) {
      must(partTarget !== undefined, '4.4.3.7: parts need EXT-X-PART-INF')
      must(
        part.duration <= (partTarget ?? 0) + 1e-6,
        `4.4.4.9: part ${seq}.${i} lasts ${part.duration} s, the target is ${partTarget}`,
      )
      const isLast = uri !== undefined ? i === parts.length - 1 : false
      must(
        isLast || part.gap || part.duration >= (partTarget ?? 0) * 0.85 - 1e-6,
        `4.4.4.9: part ${seq}.${i} lasts ${part.duration} s, less than 85 % of ${partTarget}`,
      )
    }
    must(
      parts.length === 0 || parts.some((part) => part.independent || part.gap),
      `segment ${seq} can be decoded from some part on`,
    )
  }
  // Parts stand near the live edge only, and without a hole.
  const from = segments.findIndex(({ parts }) => parts.length > 0)
  if (from >= 0) {
    const rest = segments.slice(from)
    must(
      rest.every(({ parts, gap }) => gap || parts.length > 0),
      '4.4.4.9: parts are listed to the end',
    )
    const before = segments.slice(from + 1, -1).reduce((sum, { duration }) => sum + duration, 0)
    must(before <= target * 3 + target, '4.4.4.9: parts that are older than three target durations are left out')
  }
  if (partTarget !== undefined) {
    must(control['CAN-BLOCK-RELOAD'] === 'YES', '4.4.3.8: low latency needs blocking reload')
    must(Number(control['PART-HOLD-BACK']) >= partTarget * 2, '4.4.3.8: PART-HOLD-BACK is two part targets at least')
    must(
      Number(control['PART-HOLD-BACK']) >= partTarget * 3 - 1e-3,
      '4.4.3.8: PART-HOLD-BACK should be three part targets',
    )
    must(Number(control['CAN-SKIP-UNTIL']) >= target * 6, '4.4.3.8: CAN-SKIP-UNTIL is six target durations at least')
    must(Number(control['HOLD-BACK']) >= target * 3, '4.4.3.8: HOLD-BACK is three target durations at least')
    must(list.ended === (list.hint === undefined), '4.4.5.3: a live playlist hints at what comes next')
    must(!list.hint || list.hint.TYPE === 'PART', '4.4.5.3: the hint is for a part')
    const listed = segments.flatMap(({ parts }) => parts.map(({ uri }) => uri))
    must(!listed.includes(list.hint?.URI ?? ''), '4.4.5.3: what is listed is not hinted at')
    for (const { URI, 'LAST-MSN': msn } of list.reports)
      must(URI !== undefined && /^\d+$/.test(msn ?? ''), '4.4.5.4: a report names its playlist and its last segment')
  }
  if (list.skipped > 0) must(list.version >= 9, '4.4.5.2: EXT-X-SKIP needs version 9')
  if (segments.some(({ gap }) => gap)) must(list.version >= 8, '4.4.4.7: EXT-X-GAP needs version 8')
  if (!list.ended && segments.length > 0) {
    const sum = segments.reduce((all, { duration }) => all + (duration || 0), 0)
    must(sum >= Math.min(target * 3, sum), '6.2.2: a live playlist has three target durations')
  }
  return broken
}

/** The breaches between a playlist and a later one of the same address. Both are whole, not delta updates. */
export function brokenBetween(before: ReadPlaylist, after: ReadPlaylist): string[] {
  const broken: string[] = []
  const must = (holds: boolean, rule: string) => void (holds || broken.push(rule))
  must(after.target === before.target, '6.2.1: the target duration does not change')
  must(after.partTarget === before.partTarget, '4.4.3.7: the part target does not change')
  must(after.mediaSequence >= before.mediaSequence, '6.2.2: the media sequence does not go back')
  must(
    after.discontinuitySequence >= before.discontinuitySequence,
    '6.2.2: the discontinuity sequence does not go back',
  )
  const lastOf = (list: ReadPlaylist) => list.segments.at(-1)?.seq ?? -1
  must(lastOf(after) >= lastOf(before), '6.2.1: segments are only added at the end')
  const known = new Map(after.segments.map((segment) => [segment.seq, segment]))
  for (const old of before.segments) {
    if (old.seq < after.mediaSequence) continue
    const now = known.get(old.seq)
    must(now !== undefined, `6.2.1: segment ${old.seq} is gone from the middle`)
    if (!now) continue
    if (old.uri !== undefined) {
      must(now.uri === old.uri, `6.2.1: segment ${old.seq} has another address`)
      must(now.duration === old.duration, `6.2.1: segment ${old.seq} has another duration`)
      must(
        now.parts.length === 0 || now.parts.length === old.parts.length || old.parts.length === 0,
        `6.2.1: segment ${old.seq} has other parts`,
      )
    }
    must(now.discontinuity === old.discontinuity, `6.2.1: segment ${old.seq} changed its discontinuity`)
    must(now.map === old.map, `6.2.1: segment ${old.seq} changed its initialisation segment`)
    must(now.dateMs === old.dateMs, `6.2.1: segment ${old.seq} changed its date`)
    for (const [i, part] of old.parts.entries()) {
      const same = now.parts[i]
      if (now.parts.length > 0)
        must(same?.uri === part.uri && same.duration === part.duration, `6.2.1: part ${old.seq}.${i} changed`)
    }
  }
  const breaks = (list: ReadPlaylist, until: number) =>
    list.discontinuitySequence + list.segments.filter(({ seq, discontinuity }) => discontinuity && seq < until).length
  must(
    breaks(before, after.mediaSequence) === after.discontinuitySequence ||
      before.segments.length === 0 ||
      lastOf(before) < after.mediaSequence,
    '6.2.2: the discontinuity sequence counts the breaks that left',
  )
  must(!before.ended || after.ended, '6.2.1: an end stays')
  return broken
}
