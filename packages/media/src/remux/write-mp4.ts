import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { MillraceError, ticksToMs } from '@millrace/base'
import { diskError } from '@millrace/base/node'
import type { CodedFrame } from '../segment/segment.ts'
import { TsDemuxer } from '../ts/demuxer.ts'
import { readMp4Frames } from './mp4-reader.ts'
import { Mp4Tracks } from './mp4-writer.ts'

export type WrittenMp4 = { readonly bytes: number; readonly durationMs: number; readonly videoFrames: number }

/**
 * Joins the segments of one rendition, transport streams or MP4 files, to an MP4 file that begins to play before it is loaded whole (faststart).
 * The file appears under its name only when it is complete. Throws `no_video_frames`, `unsupported_codec` or the errors of a disk.
 */
export function writeMp4(
  segments: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  outPath: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<WrittenMp4> {
  return writeMp4Frames(framesOf(segments), outPath, options)
}

/** The same of frames that were read already; each batch is sorted by decoding time and comes after the one before. */
export async function writeMp4Frames(
  batches: AsyncIterable<readonly CodedFrame[]>,
  outPath: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<WrittenMp4> {
  const mark = randomBytes(6).toString('hex')
  const samplesPath = join(dirname(outPath), `.${mark}.samples.tmp`)
  const finalPath = join(dirname(outPath), `.${mark}.mp4.tmp`)
  const tracks = new Mp4Tracks()
  try {
    // The table of contents stands in front and is known last: samples go to a file of their own first.
    await withFile(samplesPath, async (file) => {
      for await (const frames of batches) {
        options.signal?.throwIfAborted()
        await writeSamples(file, tracks, frames)
      }
    })
    if (tracks.video.samples === 0) throw new MillraceError('no_video_frames', 'the segments hold no picture')
    const head = tracks.head()
    await withFile(finalPath, async (file) => {
      await file.writeFile(head)
      for await (const piece of createReadStream(samplesPath, { highWaterMark: 1 << 20 })) {
        options.signal?.throwIfAborted()
        await file.writeFile(piece as Buffer)
      }
      await file.sync()
    })
    await rename(finalPath, outPath)
    return {
      bytes: head.length + tracks.bytes,
      durationMs: ticksToMs(tracks.durationTicks),
      videoFrames: tracks.video.samples,
    }
  } catch (error) {
    throw isDisk(error) ? diskError(error, outPath) : error
  } finally {
    await Promise.all([rm(samplesPath, { force: true }), rm(finalPath, { force: true })])
  }
}

async function* framesOf(segments: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<CodedFrame[]> {
  let endTicks = 0
  for await (const segment of segments) {
    if (isMp4(segment)) {
      // Each file begins at zero: it follows the one before.
      const shift = endTicks
      const read = readMp4Frames(segment).map((frame) => ({ ...frame, pts: frame.pts + shift, dts: frame.dts + shift }))
      const pictures = read.filter(({ kind }) => kind === 'video')
      const [first, last] = [pictures[0], pictures.at(-1)]
      if (first && last) endTicks = last.dts + Math.round((last.dts - first.dts) / Math.max(1, pictures.length - 1))
      yield read
      continue
    }
    const frames: CodedFrame[] = []
    const demuxer = new TsDemuxer({ frame: (frame) => frames.push(frame) })
    demuxer.push(segment)
    demuxer.end()
    yield frames.sort((a, b) => a.dts - b.dts)
  }
}

const isMp4 = (data: Uint8Array): boolean => Buffer.from(data.subarray(4, 8)).toString('latin1') === 'ftyp'

async function writeSamples(file: FileHandle, tracks: Mp4Tracks, frames: readonly CodedFrame[]): Promise<void> {
  const samples: Uint8Array[] = []
  for (const frame of frames) {
    const sample = tracks.add(frame)
    if (sample) samples.push(sample)
  }
  if (samples.length > 0) await file.writeFile(Buffer.concat(samples))
}

async function withFile(path: string, use: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, 'wx')
  try {
    await use(file)
  } finally {
    await file.close()
  }
}

const isDisk = (error: unknown): boolean =>
  error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string'
