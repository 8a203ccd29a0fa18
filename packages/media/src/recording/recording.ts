import { errorText, type Log } from '@millrace/base'
import type { ObjectCall, ObjectStore } from '../storage/object-store.ts'
import { decodeRecordingList, type RecordedSegment, type RecordedTrack, type RecordingList } from './recording-list.ts'

/** All that was recorded of a stream, by whomever, in the order of time. */
export type Recording = {
  readonly tracks: readonly RecordedTrack[]
  readonly segments: ReadonlyMap<string, readonly RecordedSegment[]>
  /** True when the last gateway that recorded said that the stream was over. */
  readonly ended: boolean
  /** When its last list was begun. */
  readonly lastListMs: number
}

/** Reads a recording; undefined when there is none. A list that cannot be read is left out, and told. */
export async function loadRecording(
  manifestId: string,
  deps: { readonly store: ObjectStore; readonly log: Log },
  options: ObjectCall = {},
): Promise<Recording | undefined> {
  const { store, log } = deps
  const keys = await store.list(`${manifestId}/`, options)
  const named = keys
    .map((key) => ({ key, name: /\/playlist_(\d{13,22})\.json$/.exec(key)?.[1] }))
    .filter((one): one is { key: string; name: string } => one.name !== undefined)
    .sort((a, b) => (BigInt(a.name) < BigInt(b.name) ? -1 : 1))
  const lists: RecordingList[] = []
  for (const { key } of named) {
    const bytes = await store.read(key, options)
    if (!bytes) continue
    try {
      lists.push(decodeRecordingList(bytes))
    } catch (error) {
      log.warn('a list of a recording is left out', { key, error: errorText(error) })
    }
  }
  const newest = named.at(-1)
  if (lists.length === 0 || !newest) return undefined
  return {
    ...joinLists(lists),
    ended: lists.at(-1)?.ended ?? false,
    lastListMs: Number(BigInt(newest.name) / 1_000_000n),
  }
}

/** Joins lists that are in the order of time; where one run of the stream goes over into another, the time line breaks. */
export function joinLists(lists: readonly RecordingList[]): Pick<Recording, 'tracks' | 'segments'> {
  const tracks = new Map<string, RecordedTrack>()
  const segments = new Map<string, RecordedSegment[]>()
  const last = new Map<string, { readonly run: string | undefined; readonly seq: number }>()
  for (const list of lists) {
    for (const track of list.tracks) {
      const bandwidthBps = Math.max(track.bandwidthBps, tracks.get(track.name)?.bandwidthBps ?? 0)
      tracks.set(track.name, { ...track, bandwidthBps })
    }
    for (const [name, added] of list.segments) {
      const all = segments.get(name) ?? []
      segments.set(name, all)
      for (const segment of added) {
        const before = last.get(name)
        const goesOn = before === undefined || (before.run === list.run && segment.seq === before.seq + 1)
        last.set(name, { run: list.run, seq: segment.seq })
        all.push(goesOn ? segment : { ...segment, discontinuity: true })
      }
    }
  }
  return { tracks: [...tracks.values()].filter(({ name }) => segments.has(name)), segments }
}
