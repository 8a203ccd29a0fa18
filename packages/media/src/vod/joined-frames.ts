import { readFile } from 'node:fs/promises'
import { TICKS_PER_MS } from '@millrace/base'
import { readMp4Frames } from '../remux/mp4-reader.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { demuxTs } from '../ts/demuxer.ts'
import type { VodSegment } from './vod-messages.ts'

/** A step of the clock of this size between two segments is a new time line, told or not. */
const JUMP_TICKS = 5_000 * TICKS_PER_MS

/** The frames of segments, sorted by decoding time, on one time line: where it broke, the next segment follows the one before. */
export async function* joinedFrames(segments: readonly VodSegment[]): AsyncGenerator<readonly CodedFrame[]> {
  let offset = 0
  let expected: number | undefined
  for (const { path, container, durationMs, discontinuity } of segments) {
    const data = await readFile(path)
    const frames = [...(container === 'mp4' ? readMp4Frames(data) : demuxTs(data).frames)].sort((a, b) => a.dts - b.dts)
    const first = frames[0]
    if (!first) continue
    if (expected !== undefined && (discontinuity || Math.abs(first.dts + offset - expected) > JUMP_TICKS))
      offset = expected - first.dts
    expected = first.dts + offset + durationMs * TICKS_PER_MS
    yield offset === 0
      ? frames
      : frames.map((frame) => ({ ...frame, pts: frame.pts + offset, dts: frame.dts + offset }))
  }
}

/**
 * The frames between two moments, cut at key frames: from the last one at or before the beginning to the first one at or after the end.
 * Both are counted in ticks from the first picture.
 */
export async function* cutFrames(
  batches: AsyncIterable<readonly CodedFrame[]>,
  range: { readonly fromTicks: number; readonly toTicks: number },
): AsyncGenerator<readonly CodedFrame[]> {
  let origin: number | undefined
  let startPts: number | undefined
  let waiting: CodedFrame[] | undefined = []
  for await (const frames of batches) {
    const out: CodedFrame[] = []
    for (const frame of frames) {
      const isPicture = frame.kind === 'video'
      if (isPicture) origin ??= frame.pts
      const at = frame.pts - (origin ?? frame.pts)
      if (isPicture && frame.keyFrame) {
        if (startPts !== undefined && at >= range.toTicks) {
          yield [...out, ...(waiting ?? [])].filter(({ kind, pts }) => kind === 'video' || pts < frame.pts)
          return
        }
        if (waiting && (at <= range.fromTicks || startPts === undefined)) {
          startPts = frame.pts
          // Sound is stored ahead of its picture, or behind it.
          waiting = waiting.filter(({ kind, pts }) => kind === 'audio' && pts >= frame.pts)
        }
      }
      if (waiting && isPicture && at > range.fromTicks && startPts !== undefined) {
        const begin = startPts
        out.push(...waiting.filter(({ kind, pts }) => kind === 'video' || pts >= begin))
        waiting = undefined
      }
      if (waiting) waiting.push(frame)
      else if (isPicture || frame.pts >= (startPts ?? 0)) out.push(frame)
    }
    if (out.length > 0) yield out
  }
  // The end of the recording came before the picture after the beginning.
  if (waiting && startPts !== undefined) yield waiting
}
