import { readFile } from 'node:fs/promises'
import { readMp4Frames } from '../remux/mp4-reader.ts'
import { JoinedTimeline } from '../segment/join-timeline.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { demuxTs } from '../ts/demuxer.ts'
import type { VodSegment } from './vod-messages.ts'

/** The frames of segments, sorted by decoding time, on one time line. */
export async function* joinedFrames(segments: readonly VodSegment[]): AsyncGenerator<readonly CodedFrame[]> {
  const timeline = new JoinedTimeline()
  for (const { path, container, ...about } of segments) {
    const data = await readFile(path)
    const frames = timeline.next(container === 'mp4' ? readMp4Frames(data) : demuxTs(data).frames, about)
    if (frames.length > 0) yield frames
  }
}

/**
 * The frames between two moments, cut at key frames: from the last one at or before the beginning to the first one at or after the end.
 * Both are counted in ticks from the first picture.
 */
export async function* cutFrames(
  batches: AsyncIterable<readonly CodedFrame[]>,
  range: { readonly fromTicks: number; readonly toTicks: number },
  onOrigin: (pts: number) => void = () => {},
): AsyncGenerator<readonly CodedFrame[]> {
  let origin: number | undefined
  let startPts: number | undefined
  let waiting: CodedFrame[] | undefined = []
  for await (const frames of batches) {
    const out: CodedFrame[] = []
    for (const frame of frames) {
      const isPicture = frame.kind === 'video'
      if (isPicture && origin === undefined) {
        origin = frame.pts
        onOrigin(origin)
      }
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
