import { MillraceError } from '@millrace/base'

/** A rendition as a recording lists it. */
export type RecordedTrack = {
  readonly name: string
  readonly bandwidthBps: number
  readonly width: number
  readonly height: number
}

export type RecordedSegment = {
  readonly seq: number
  /** Where it is: the key of an object, or the whole address. */
  readonly uri: string
  readonly durationMs: number
  /** The time line breaks before this segment. */
  readonly discontinuity?: boolean
}

/** A part of a recording: what one gateway recorded in a few minutes (wire spec 6.5). */
export type RecordingList = {
  readonly tracks: readonly RecordedTrack[]
  readonly segments: ReadonlyMap<string, readonly RecordedSegment[]>
  /** Ours: lists with the same number are of one run of a stream. Absent in lists of go-livepeer. */
  readonly run?: string
  /** Ours: true in the last list of a stream that ended. */
  readonly ended?: boolean
}

const MAX_TRACKS = 40
const MAX_SEGMENTS = 100_000

/** Writes a list with go-livepeer's names; readers there skip what is ours. */
export function encodeRecordingList({ tracks, segments, run, ended }: RecordingList): Uint8Array {
  const longest = Math.max(0, ...[...segments.values()].map((list) => list.reduce((sum, s) => sum + s.durationMs, 0)))
  return Buffer.from(
    JSON.stringify({
      duration_ms: Math.round(longest),
      tracks: tracks.map(({ name, bandwidthBps, width, height }) => ({
        name,
        bandwidth: Math.round(bandwidthBps),
        resolution: `${width}x${height}`,
      })),
      segments: Object.fromEntries(
        [...segments].map(([name, list]) => [
          name,
          list.map(({ seq, uri, durationMs, discontinuity }) => ({
            seq_no: seq,
            uri,
            duration_ms: Math.round(durationMs),
            ...(discontinuity && { discontinuity }),
          })),
        ]),
      ),
      ...(run !== undefined && { run }),
      ...(ended && { ended }),
    }),
  )
}

/** Reads a list of this or of go-livepeer; throws `bad_recording`. */
export function decodeRecordingList(bytes: Uint8Array): RecordingList {
  let json: unknown
  try {
    json = JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (cause) {
    throw badRecording('it is not JSON', cause)
  }
  const { tracks, segments, run, ended } = objectOf(json)
  return {
    tracks: listOf(tracks, MAX_TRACKS).map(trackOf),
    segments: new Map(
      Object.entries(objectOf(segments ?? {}))
        .slice(0, MAX_TRACKS)
        .map(([name, list]) => [nameOf(name), listOf(list, MAX_SEGMENTS).map(segmentOf)]),
    ),
    ...(typeof run === 'string' && { run }),
    ...(ended === true && { ended }),
  }
}

function trackOf(value: unknown): RecordedTrack {
  const { name, bandwidth, resolution } = objectOf(value)
  const [, width, height] = /^(\d{1,5})x(\d{1,5})$/.exec(String(resolution)) ?? []
  return {
    name: nameOf(name),
    bandwidthBps: numberOf(bandwidth ?? 0),
    width: Number(width ?? 0),
    height: Number(height ?? 0),
  }
}

function segmentOf(value: unknown): RecordedSegment {
  const { seq_no: seq, uri, duration_ms: durationMs, discontinuity } = objectOf(value)
  if (typeof uri !== 'string' || uri.length > 2_000 || /\s/.test(uri)) throw badRecording('a segment has no address')
  return { seq: numberOf(seq), uri, durationMs: numberOf(durationMs), ...(discontinuity === true && { discontinuity }) }
}

/** Names of tracks stand in paths and playlists. */
function nameOf(value: unknown): string {
  if (typeof value === 'string' && /^[\w~-][\w.~-]{0,127}$/.test(value)) return value
  throw badRecording('a track has a name that no path may hold')
}

function numberOf(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  throw badRecording('a number is missing or below 0')
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw badRecording('it has another form')
}

function listOf(value: unknown, most: number): unknown[] {
  if (Array.isArray(value) && value.length <= most) return value
  throw badRecording('it has another form, or too many entries')
}

const badRecording = (why: string, cause?: unknown): MillraceError =>
  new MillraceError('bad_recording', `a list of a recording cannot be read: ${why}`, { cause })
