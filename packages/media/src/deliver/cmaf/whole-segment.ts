import { PartCutter } from '../../cmaf/part-cutter.ts'
import { BadMediaError } from '../../h264/errors.ts'
import { readMp4Frames } from '../../remux/mp4-reader.ts'
import type { CodedFrame } from '../../segment/segment.ts'
import { demuxTs } from '../../ts/demuxer.ts'
import { unwrap33 } from '../../ts/time.ts'
import type { CmafPieces } from './types.ts'

export type PiecesOptions = {
  /** Which frames of the segment; default its pictures. */
  readonly kind?: 'video' | 'audio'
  readonly partMs?: number
  /** Where the source's segment begins: times are brought next to it, because a transport stream tells 33 bits of them only, and a file none. */
  readonly startTicks?: number | undefined
}

/** The pictures or the sound of a segment that came as a whole, in parts; throws `bad_cmaf` when it does not begin with one, and what its bytes are damaged by. */
export function piecesOf(data: Uint8Array, container: 'mpegts' | 'mp4', options: PiecesOptions = {}): CmafPieces {
  const frames = container === 'mpegts' ? demuxTs(data).frames : readMp4Frames(data)
  const { kind = 'video', partMs = 200, startTicks } = options
  const wanted = frames.filter((frame) => frame.kind === kind)
  const first = wanted[0]
  if (!first?.keyFrame) throw new BadMediaError('bad_cmaf', 'the segment does not begin with a key frame')
  // A transport stream has the source's times; a file begins at a time of its own, whatever the segment's was.
  const told = container === 'mp4' ? frames[0]!.pts : first.pts
  const placed = container === 'mp4' ? startTicks : startTicks === undefined ? undefined : unwrap33(told, startTicks)
  return cutPieces(wanted, placed === undefined ? 0 : placed - told, partMs)
}

function cutPieces(frames: readonly CodedFrame[], shift: number, partMs: number): CmafPieces {
  const first = frames[0]!
  const step = frames.length > 1 ? (frames.at(-1)!.dts - first.dts) / (frames.length - 1) / 90 : 0
  const isVideo = first.kind === 'video' && step > 0
  const nominal = isVideo ? Math.max(1, Math.round(partMs / step)) * step : partMs
  const cutter = new PartCutter(() => nominal)
  const parts: { independent: boolean; durationMs: number; data: Uint8Array }[] = []
  let init: Uint8Array | undefined
  const keep = (part: ReturnType<PartCutter['flush']>) => {
    // One segment has one initialisation segment.
    if (!part || (init && init !== part.init)) return
    init = part.init
    parts.push(part)
  }
  for (const frame of frames)
    keep(cutter.push(shift === 0 ? frame : { ...frame, pts: frame.pts + shift, dts: frame.dts + shift }))
  keep(cutter.flush())
  if (!init) throw new BadMediaError('bad_cmaf', 'the segment has no picture')
  return { init, parts }
}
