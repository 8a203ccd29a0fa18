import { PartCutter } from '../../cmaf/part-cutter.ts'
import { BadMediaError } from '../../h264/errors.ts'
import { readMp4Frames } from '../../remux/mp4-reader.ts'
import { demuxTs } from '../../ts/demuxer.ts'
import { unwrap33 } from '../../ts/time.ts'
import type { CmafPieces } from './types.ts'

/**
 * The pictures of a segment that came as a whole, in parts. Its times are brought next to `startTicks`, the beginning of the source's segment,
 * because a transport stream tells 33 bits of them only. Throws `bad_cmaf` when it has no picture to begin with, and what its bytes are damaged by.
 */
export function piecesOf(
  data: Uint8Array,
  container: 'mpegts' | 'mp4',
  options: { readonly partMs?: number; readonly startTicks?: number | undefined } = {},
): CmafPieces {
  const { partMs = 200, startTicks } = options
  const frames = (container === 'mpegts' ? demuxTs(data).frames : readMp4Frames(data)).filter(
    ({ kind }) => kind === 'video',
  )
  const first = frames[0]
  if (!first?.keyFrame) throw new BadMediaError('bad_cmaf', 'the segment does not begin with a key frame')
  const shift = startTicks === undefined ? 0 : unwrap33(first.pts, startTicks) - first.pts
  const steps = frames.length > 1 ? (frames.at(-1)!.dts - first.dts) / (frames.length - 1) : 0
  const nominal = steps > 0 ? Math.max(1, Math.round((partMs * 90) / steps)) * (steps / 90) : partMs
  const cutter = new PartCutter(() => nominal)
  const parts: { independent: boolean; durationMs: number; data: Uint8Array }[] = []
  let init: Uint8Array | undefined
  const keep = (part: ReturnType<PartCutter['flush']>) => {
    if (!part) return
    init ??= part.init
    parts.push(part)
  }
  for (const frame of frames)
    keep(cutter.push(shift === 0 ? frame : { ...frame, pts: frame.pts + shift, dts: frame.dts + shift }))
  keep(cutter.flush())
  if (!init) throw new BadMediaError('bad_cmaf', 'the segment has no picture')
  return { init, parts }
}
