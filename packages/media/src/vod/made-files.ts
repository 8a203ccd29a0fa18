import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasCode, type Log, MillraceError } from '@millrace/base'
import { diskError } from '@millrace/base/node'
import { byteRange } from '../deliver/byte-range.ts'
import type { RecordedSegment } from '../recording/recording-list.ts'
import {
  type MadeFiles,
  objectKeyOf,
  plainAnswer,
  type RecordingRequest,
  type RecordingResponse,
} from '../recording/recordings-origin.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { SPRITE, spriteCount, storyboardText, timesOfSprite } from './storyboard.ts'
import type { VodJobs } from './vod-jobs.ts'
import type { VodJob, VodSegment } from './vod-messages.ts'

type Request = Parameters<MadeFiles['answer']>[0]
type Plan = {
  readonly type: string
  readonly segments: readonly Timed[]
  job(segments: readonly VodSegment[], out: string): VodJob
}
type Timed = { readonly segment: RecordedSegment; readonly startMs: number }

const MAX_FILES = 32
const READS_AT_ONCE = 4
const MAX_WIDTH = 1_280
const DEFAULT_WIDTH = 320
/** Encoding takes time. */
const MAX_EXACT_MS = 300_000

/**
 * Makes files of recordings when they are asked for, and keeps the latest: `<track>.mp4` with `?from=` and `?to=` in seconds,
 * `<track>.jpg` and `.webp` with `?t=` and `?width=`, `storyboard.vtt` and its pictures.
 */
export class MadeRecordings implements MadeFiles {
  readonly #deps: { readonly store: ObjectStore; readonly jobs: VodJobs; readonly log: Log }
  readonly #files = new Map<string, Promise<string>>()
  #folder: Promise<string> | undefined
  #next = 0

  constructor(deps: { readonly store: ObjectStore; readonly jobs: VodJobs; readonly log: Log }) {
    this.#deps = deps
  }

  async answer(asked: Request, request: RecordingRequest): Promise<RecordingResponse | undefined> {
    const storyboard = storyboardOf(asked)
    if (storyboard !== undefined) return storyboard
    let plan: Plan | undefined
    try {
      plan = planOf(asked)
    } catch (error) {
      if (hasCode(error, 'bad_range')) return plainAnswer(400, (error as Error).message)
      throw error
    }
    if (!plan) return undefined
    if (plan.segments.length === 0) return plainAnswer(404, 'the recording has nothing there')
    const last = plan.segments.at(-1)?.segment.uri
    const name = `${asked.manifestId}/${asked.file}?${asked.url.searchParams} ${plan.segments.length} ${last}`
    try {
      return await fileAnswer(await this.#file(name, plan), plan.type, request.range)
    } catch (error) {
      if (hasCode(error, 'vod_busy')) return plainAnswer(503, 'too many files are being made, try again')
      if (
        hasCode(error, 'unsupported_codec') ||
        hasCode(error, 'no_video_frames') ||
        hasCode(error, 'segment_elsewhere')
      )
        return plainAnswer(422, (error as Error).message)
      throw error
    }
  }

  /** Removes all files. */
  async close(): Promise<void> {
    await this.#deps.jobs.close()
    const folder = await this.#folder
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }

  #file(name: string, plan: Plan): Promise<string> {
    const known = this.#files.get(name)
    const making = known ?? this.#make(plan)
    // What was asked for last is kept longest.
    this.#files.delete(name)
    this.#files.set(name, making)
    if (!known) making.catch(() => this.#files.delete(name))
    const [oldest] = this.#files
    if (oldest && this.#files.size > MAX_FILES) {
      this.#files.delete(oldest[0])
      oldest[1].then((path) => rm(path, { force: true })).catch(() => {})
    }
    return making
  }

  async #make({ segments, job }: Plan): Promise<string> {
    this.#folder ??= mkdtemp(join(tmpdir(), 'millrace-vod-'))
    const folder = await this.#folder
    const number = this.#next++
    const parts = join(folder, `parts-${number}`)
    const out = join(folder, `${number}`)
    try {
      await mkdir(parts)
      await this.#deps.jobs.run(job(await this.#fetch(segments, parts), out))
      return out
    } finally {
      await rm(parts, { recursive: true, force: true })
    }
  }

  /** Lays segments down as files; one that is gone from the store is left out, and told. */
  async #fetch(segments: readonly Timed[], folder: string): Promise<VodSegment[]> {
    const found: (VodSegment | undefined)[] = []
    const queue = segments.entries()
    const work = async () => {
      for (const [i, { segment, startMs }] of queue) {
        const { uri, durationMs, discontinuity = false } = segment
        const key = objectKeyOf(this.#deps.store, uri)
        if (key === undefined)
          throw new MillraceError('segment_elsewhere', 'a segment of this recording lies in another store')
        const data = await this.#deps.store.read(key)
        const path = join(folder, `${i}`)
        if (data)
          await writeFile(path, data).catch((cause) => {
            throw diskError(cause, path)
          })
        else this.#deps.log.warn('a segment of a recording is gone', { key })
        const container = key.endsWith('.mp4') ? 'mp4' : 'mpegts'
        found[i] = data && { path, container, startMs, durationMs, discontinuity }
      }
    }
    await Promise.all(Array.from({ length: READS_AT_ONCE }, work))
    return found.filter((segment) => segment !== undefined)
  }
}

function storyboardOf({ file, loaded }: Request): RecordingResponse | undefined {
  if (file !== 'storyboard.vtt') return undefined
  const body = Buffer.from(storyboardText(lengthMs(smallest(loaded)), tileSize(loaded)))
  const headers = {
    'Access-Control-Allow-Origin': '*',
    'Content-Type': 'text/vtt',
    'Content-Length': String(body.length),
  }
  return { status: 200, headers, body }
}

function planOf({ file, loaded, url }: Request): Plan | undefined {
  const sprite = /^storyboard-(\d{1,4})\.jpg$/.exec(file)?.[1]
  if (sprite !== undefined) return spritePlan(loaded, Number(sprite))
  const [, track = '', kind] = /^([\w.~-]+)\.(mp4|jpg|webp)$/.exec(file) ?? []
  const segments = loaded.segments.get(track)
  if (!segments) return undefined
  const timed = timedOf(segments)
  const totalMs = lengthMs(segments)
  if (kind === 'mp4') {
    const range = rangeOf(url, totalMs)
    const exact = url.searchParams.get('exact') === 'true'
    if (exact && range && range.toMs - range.fromMs > MAX_EXACT_MS)
      throw badRange('an exact clip has five minutes at most: leave out exact')
    return {
      type: 'video/mp4',
      segments: range
        ? timed.filter(({ startMs, segment }) => startMs < range.toMs && startMs + segment.durationMs > range.fromMs)
        : timed,
      job: (files, out) => ({ kind: 'mp4', segments: files, out, ...(range && { range, exact }) }),
    }
  }
  const timeMs = Math.min(secondsOf(url, 't', 0), totalMs)
  const width = Math.min(
    MAX_WIDTH,
    Math.max(16, Math.round(Number(url.searchParams.get('width') ?? DEFAULT_WIDTH) / 2) * 2),
  )
  if (!Number.isFinite(width)) throw badRange('width is a number')
  const at = timed.findLast(({ startMs }) => startMs <= timeMs)
  const format = kind === 'webp' ? 'webp' : 'jpeg'
  return {
    type: `image/${format}`,
    segments: at ? [at] : [],
    job: (files, out) => ({ kind: 'stills', segments: files, out, timesMs: [timeMs], width, columns: 1, format }),
  }
}

function spritePlan(loaded: Request['loaded'], index: number): Plan {
  const segments = smallest(loaded)
  const timed = timedOf(segments)
  const timesMs = index < spriteCount(lengthMs(segments)) ? timesOfSprite(lengthMs(segments), index) : []
  const wanted = new Set(timesMs.map((timeMs) => timed.findLast(({ startMs }) => startMs <= timeMs)))
  const { width, height } = tileSize(loaded)
  return {
    type: 'image/jpeg',
    segments: timed.filter((one) => wanted.has(one)),
    job: (files, out) => ({
      ...{ kind: 'stills', segments: files, out, timesMs, width, height },
      ...{ columns: SPRITE.columns, format: 'jpeg' },
    }),
  }
}

/** The rendition that costs least to decode. */
function smallest({ tracks, segments }: Request['loaded']): readonly RecordedSegment[] {
  const [track] = [...tracks].sort((a, b) => (a.width * a.height || 1e9) - (b.width * b.height || 1e9))
  return segments.get(track?.name ?? '') ?? []
}

function tileSize({ tracks }: Request['loaded']): { readonly width: number; readonly height: number } {
  const { width = 16, height = 9 } = tracks.find((track) => track.width > 0 && track.height > 0) ?? {}
  return { width: SPRITE.tileWidth, height: Math.max(2, Math.round((SPRITE.tileWidth * height) / width / 2) * 2) }
}

function timedOf(segments: readonly RecordedSegment[]): Timed[] {
  let startMs = 0
  return segments.map((segment) => {
    const timed = { segment, startMs }
    startMs += segment.durationMs
    return timed
  })
}

const lengthMs = (segments: readonly RecordedSegment[]): number =>
  segments.reduce((sum, { durationMs }) => sum + durationMs, 0)

function rangeOf(url: URL, totalMs: number): { readonly fromMs: number; readonly toMs: number } | undefined {
  if (!url.searchParams.has('from') && !url.searchParams.has('to')) return undefined
  const fromMs = secondsOf(url, 'from', 0)
  const toMs = Math.min(totalMs, secondsOf(url, 'to', totalMs / 1_000))
  if (fromMs >= toMs) throw badRange('the clip must begin before it ends, and before the end of the recording')
  return { fromMs, toMs }
}

function secondsOf(url: URL, name: string, standard: number): number {
  const text = url.searchParams.get(name)
  const seconds = text === null ? standard : /^\d{1,7}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN
  if (Number.isNaN(seconds)) throw badRange(`${name} is a number of seconds, such as 12.5`)
  return seconds * 1_000
}

const badRange = (text: string): MillraceError => new MillraceError('bad_range', text)

async function fileAnswer(path: string, type: string, range: string | undefined): Promise<RecordingResponse> {
  const { size } = await stat(path)
  const wanted = byteRange(range, size)
  const common = { 'Access-Control-Allow-Origin': '*', 'Accept-Ranges': 'bytes' }
  if (wanted === 'unsatisfiable')
    return { status: 416, headers: { ...common, 'Content-Range': `bytes */${size}` }, body: new Uint8Array(0) }
  const { start, end } = wanted ?? { start: 0, end: size - 1 }
  const headers = {
    ...common,
    'Content-Type': type,
    'Content-Length': String(end - start + 1),
    'Cache-Control': 'max-age=60',
  }
  if (!wanted) return { status: 200, headers, body: { path, start, end } }
  return {
    status: 206,
    headers: { ...headers, 'Content-Range': `bytes ${start}-${end}/${size}` },
    body: { path, start, end },
  }
}
