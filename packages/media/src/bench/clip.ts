import { readFile } from 'node:fs/promises'
import type { Log } from '@millrace/base'
import { diskError, Hashing } from '@millrace/base/node'
import { manifestId } from '@millrace/wire'
import { cutFile } from '../remux/cut-file.ts'
import { segmentFrames } from '../segment/segmenter.ts'
import { type GeneratedSourceOptions, openGeneratedSource } from '../source/generated.ts'
import { readPlaylist } from './read-playlist.ts'

/** A segment to measure with; its bytes are read when they are needed. */
export type BenchSegment = {
  readonly durationMs: number
  readonly container: 'mpegts' | 'mp4'
  read(): Promise<Uint8Array>
}

export type GeneratedClipOptions = Pick<
  GeneratedSourceOptions,
  'width' | 'height' | 'fps' | 'bitrateBps' | 'engine' | 'signal'
> & {
  readonly seconds: number
}

/** A moving test picture, cut into segments of 2 s that stay in memory; the last one may be shorter. Throws as `openGeneratedSource`. */
export async function generatedClip(
  options: GeneratedClipOptions,
  deps: { readonly log: Log },
): Promise<readonly BenchSegment[]> {
  return withHashing(async (hashing) => {
    const { frames } = await openGeneratedSource({ ...options, realtime: false }, deps)
    const cut = segmentFrames(frames, { manifestId: manifestId('bench'), capacity: 2 }, { hashing })
    const segments: BenchSegment[] = []
    for await (const segment of cut) segments.push(inMemory(await segment.closed))
    return segments
  })
}

/**
 * The segments of a media playlist on this machine (.m3u8), or of any video file, which is cut at its key frames.
 * Throws a disk error, `bad_playlist`, or as `openFileSource`.
 */
export async function clipOf(
  path: string,
  deps: { readonly log: Log; readonly signal?: AbortSignal },
): Promise<readonly BenchSegment[]> {
  if (/\.m3u8?$/i.test(path)) {
    const listed = await readPlaylist(path)
    return listed.map(({ files, durationMs, container }) => ({
      durationMs,
      container,
      read: async () => Buffer.concat(await Promise.all(files.map(readSegment))),
    }))
  }
  return withHashing(async (hashing) => {
    const { signal } = deps
    const file = await cutFile(path, { manifestId: manifestId('bench'), signal }, { log: deps.log, hashing })
    const segments: BenchSegment[] = []
    for await (const segment of file.segments) segments.push(inMemory(await segment.closed))
    return segments
  })
}

const readSegment = (path: string): Promise<Uint8Array> =>
  readFile(path).catch((cause) => {
    throw diskError(cause, path)
  })

const inMemory = ({ data, durationMs }: { readonly data: Uint8Array; readonly durationMs: number }): BenchSegment => ({
  durationMs,
  container: 'mpegts',
  read: async () => data,
})

async function withHashing<T>(work: (hashing: Hashing) => Promise<T>): Promise<T> {
  const hashing = new Hashing()
  try {
    return await work(hashing)
  } finally {
    await hashing.stop()
  }
}
