import { randomInt } from 'node:crypto'
import { AsyncQueue, type Clock, errorText, type Log, systemClock, withRetry } from '@millrace/base'
import { checkObjectKey } from '../storage/object-key.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { isS3Store } from '../storage/s3/s3-store.ts'
import { encodeRecordingList, type RecordedSegment, type RecordedTrack } from './recording-list.ts'

export type RecorderOptions = {
  readonly manifestId: string
  /** Which gateway records: several may record one stream, one after the other. */
  readonly nodeId: string
  /** A list is closed after so long and another begun. Default 10 minutes. */
  readonly listMs?: number
  /** Bytes that may wait to be saved; further segments are not recorded. Default 256 MB. */
  readonly maxWaitingBytes?: number
}

export type RecorderDeps = {
  readonly store: ObjectStore
  readonly clock?: Clock
  /** Called for each segment that is not recorded. */
  readonly onLost?: (error: unknown) => void
  /** Called for each file that lies in the store, and each that was given up. */
  readonly onFile?: (
    file: 'segment' | 'list',
    done: { readonly elapsedMs: number } | { readonly error: unknown },
  ) => void
  readonly log: Log
}

export type SegmentToRecord = Omit<RecordedSegment, 'uri'> & {
  readonly data: Uint8Array
  readonly container: 'mpegts' | 'mp4'
}

type Entry = { readonly track: RecordedTrack; readonly segment: SegmentToRecord }
type List = {
  readonly key: string
  readonly begunMs: number
  readonly tracks: Map<string, Kept>
  ended: boolean
  dirty: boolean
}
type Kept = { readonly track: RecordedTrack; readonly segments: RecordedSegment[]; peakBps: number }

const SAVES_AT_ONCE = 4
/** A store that is away may come back: for three minutes a segment is tried again. */
const RETRY = { attempts: 10, baseMs: 1_000, maxMs: 30_000 }
const END_WITHIN_MS = 60_000

/**
 * Records one stream into a store: every segment is an object, and lists tell which there are.
 * A list only ever names what is saved, so that a process that is killed leaves nothing listed that is not there.
 */
export class Recorder {
  readonly #options: RecorderOptions
  readonly #deps: RecorderDeps
  readonly #clock: Clock
  readonly #run: string
  readonly #queue: AsyncQueue<Entry>
  readonly #stop = new AbortController()
  readonly #done: Promise<unknown>
  #waitingBytes = 0
  #list: List
  #closedLists: List[] = []
  #saving: Promise<void> | undefined

  constructor(options: RecorderOptions, deps: RecorderDeps) {
    this.#options = options
    this.#deps = deps
    this.#clock = deps.clock ?? systemClock
    this.#run = nanoseconds(this.#clock)
    this.#list = this.#newList(this.#run)
    this.#queue = new AsyncQueue({ capacity: 100_000 })
    this.#done = Promise.all(Array.from({ length: SAVES_AT_ONCE }, () => this.#work()))
  }

  /** Takes a segment and returns at once; what a slow store cannot take in time is given up, and told. */
  put(track: RecordedTrack, segment: SegmentToRecord): void {
    const { maxWaitingBytes = 256 * 1024 * 1024 } = this.#options
    if (this.#queue.closed) return
    if (this.#waitingBytes + segment.data.length > maxWaitingBytes)
      return this.#lost(new Error('the store is too slow'), segment.seq)
    this.#waitingBytes += segment.data.length
    this.#queue.push({ track, segment })
  }

  /** Saves what waits, a minute at most unless told otherwise, and says in the last list that the stream has ended. */
  async end({ withinMs = END_WITHIN_MS }: { readonly withinMs?: number } = {}): Promise<void> {
    this.#queue.close()
    const timer = setTimeout(() => this.#stop.abort(new Error('the store was too slow at the end')), withinMs)
    await this.#done
    this.#list.ended = true
    this.#list.dirty = true
    await this.#saveLists()
    // A writer that was just done when this was asked has not seen the end.
    await this.#saveLists()
    clearTimeout(timer)
  }

  /** Gives up what is not saved yet, as a crash would. */
  abort(): void {
    this.#queue.close()
    this.#stop.abort(new Error('the recording was given up'))
  }

  async #work(): Promise<void> {
    for await (const { track, segment } of this.#queue) {
      const { data, container, ...listed } = segment
      const { signal } = this.#stop
      const began = this.#clock.elapsed()
      try {
        const file = `${segment.seq}.${container === 'mp4' ? 'mp4' : 'ts'}`
        const key = checkObjectKey(`${this.#folder}/${this.#run}/${track.name}/${file}`)
        const contentType = container === 'mp4' ? 'video/mp4' : 'video/mp2t'
        const save = () => this.#deps.store.save(key, data, { contentType, signal })
        const url = await withRetry(save, { ...RETRY, signal, clock: this.#clock })
        this.#deps.onFile?.('segment', { elapsedMs: this.#clock.elapsed() - began })
        this.#add(track, { ...listed, uri: isS3Store(this.#deps.store) ? url : key }, data.length)
        void this.#saveLists()
      } catch (error) {
        this.#lost(error, segment.seq)
      } finally {
        this.#waitingBytes -= data.length
      }
    }
  }

  #add(track: RecordedTrack, segment: RecordedSegment, bytes: number): void {
    const { listMs = 600_000 } = this.#options
    if (this.#clock.now() - this.#list.begunMs > listMs) {
      this.#closedLists.push(this.#list)
      this.#list = this.#newList(nanoseconds(this.#clock))
    }
    const known = this.#list.tracks.get(track.name)
    const kept = known ?? { track, segments: [], peakBps: 0 }
    this.#list.tracks.set(track.name, kept)
    if (segment.durationMs >= 500) kept.peakBps = Math.max(kept.peakBps, (bytes * 8_000) / segment.durationMs)
    // Saves overtake each other; a segment that comes late goes to its place.
    const after = kept.segments.findLastIndex(({ seq }) => seq < segment.seq)
    kept.segments.splice(after + 1, 0, segment)
    this.#list.dirty = true
  }

  /** Writes the lists that changed, one writer at a time; resolves when all of them are saved. */
  #saveLists(): Promise<void> {
    this.#saving ??= this.#writeLists().finally(() => {
      this.#saving = undefined
    })
    return this.#saving
  }

  async #writeLists(): Promise<void> {
    for (;;) {
      const list = [...this.#closedLists, this.#list].find(({ dirty }) => dirty)
      if (!list) return
      list.dirty = false
      const { signal } = this.#stop
      const began = this.#clock.elapsed()
      try {
        const save = () =>
          this.#deps.store.save(list.key, this.#encode(list), { contentType: 'application/json', signal })
        await withRetry(save, { ...RETRY, signal, clock: this.#clock })
        this.#deps.onFile?.('list', { elapsedMs: this.#clock.elapsed() - began })
        this.#closedLists = this.#closedLists.filter((closed) => closed !== list || closed.dirty)
      } catch (error) {
        this.#deps.log.warn('a list of a recording was not saved', { error: errorText(error) })
        this.#deps.onFile?.('list', { error })
        // The next segment tries again.
        list.dirty = !signal.aborted
        return
      }
    }
  }

  #encode({ tracks, ended }: List): Uint8Array {
    const kept = [...tracks.values()]
    return encodeRecordingList({
      tracks: kept.map(({ track, peakBps }) => ({ ...track, bandwidthBps: peakBps || track.bandwidthBps })),
      segments: new Map(kept.map(({ track, segments }) => [track.name, segments])),
      run: this.#run,
      ended,
    })
  }

  #newList(name: string): List {
    const key = `${this.#folder}/playlist_${name}.json`
    return { key, begunMs: this.#clock.now(), tracks: new Map(), ended: false, dirty: false }
  }

  get #folder(): string {
    return `${this.#options.manifestId}/${this.#options.nodeId}`
  }

  #lost(error: unknown, seq: number): void {
    this.#deps.log.warn('a segment was not recorded', { seq, error: errorText(error) })
    this.#deps.onLost?.(error)
    this.#deps.onFile?.('segment', { error })
  }
}

/** Nanoseconds since 1970, as go-livepeer names its lists; those below a millisecond are drawn, so that no two names are equal. */
const nanoseconds = (clock: Clock): string => `${clock.now()}${String(randomInt(1_000_000)).padStart(6, '0')}`
