import { concatBytes } from '@millrace/base'
import { BadMediaError } from '../h264/errors.ts'
import { HEVC_NAL, hevcNalType, NAL, nalType, splitAnnexB } from '../h264/nal.ts'
import { box, fullBox, u32, u64 } from '../remux/mp4-boxes.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { AAC_FRAME_SAMPLES } from '../ts/adts.ts'
import { av1Sample } from './av1.ts'
import { TRACK_ID } from './init.ts'
import { opusSamples } from './opus.ts'
import { type CmafTrack, VIDEO_TIMESCALE } from './track.ts'

export type ChunkOptions = {
  /** Counts the chunks of a file; players do not need it to be without gaps. */
  readonly sequence: number
  /** Decoding time of the picture after the last, in 90 kHz ticks; without it the last picture lasts as long as the one before. */
  readonly endDts?: number | undefined
  /** Begins at this time of the track's own clock, for sound that has to follow without a gap of a rounded tick. */
  readonly baseTime?: number | undefined
}

/** Sample flags (ISO 14496-12 section 8.8.3.1): depends on nothing; depends on others and is no sync sample. */
const SYNC = 0x02000000
const DEPENDS = 0x01010000
/** A picture whose successor is not known lasts a thirtieth of a second. */
const UNKNOWN_DURATION = 3_000
const NONE = new Uint8Array(0)

/**
 * Frames of one track, in decoding order, as `moof` and `mdat` (ISO 23000-19 section 7.3.2.3). Parameter sets and delimiters are left out of
 * the samples, since they stand in the initialisation segment. Throws `bad_cmaf` for frames of another codec, none at all, or times before zero.
 */
export function cmafChunk(track: CmafTrack, frames: readonly CodedFrame[], options: ChunkOptions): Uint8Array {
  const first = frames[0]
  if (!first) throw new BadMediaError('bad_cmaf', 'a chunk needs a frame at least')
  for (const frame of frames)
    if (frame.codec !== track.codec)
      throw new BadMediaError('bad_cmaf', `a frame of ${frame.codec} does not belong into a track of ${track.codec}`)
  const base = options.baseTime ?? Math.round((first.dts * track.timescale) / VIDEO_TIMESCALE)
  if (!(base >= 0)) throw new BadMediaError('bad_cmaf', `decoding times begin at zero, not at ${first.dts}`)
  const samples = frames.map((frame) => sampleOf(track, frame.data))
  const sizes = samples.map((parts) => parts.reduce((sum, part) => sum + part.length, 0))
  const trun = track.kind === 'video' ? videoRun(frames, sizes, options.endDts) : audioRun(track, frames, sizes)
  const moof = (offset: number) =>
    box(
      'moof',
      fullBox('mfhd', 0, 0, u32(options.sequence >>> 0)),
      // default-base-is-moof
      box('traf', fullBox('tfhd', 0, 0x020000, u32(TRACK_ID)), fullBox('tfdt', 1, 0, u64(base)), trun(offset)),
    )
  const head = moof(moof(0).length + 8)
  const media = sizes.reduce((sum, size) => sum + size, 0)
  return concatBytes(head, u32(media + 8), MDAT, ...samples.flat())
}

const MDAT = Uint8Array.of(0x6d, 0x64, 0x61, 0x74)

/** How long a frame of sound lasts, in ticks of its track. */
export function soundTicks(track: CmafTrack, frame: CodedFrame): number {
  return track.codec === 'opus' ? opusSamples(frame.data) : AAC_FRAME_SAMPLES
}

function videoRun(frames: readonly CodedFrame[], sizes: readonly number[], endDts: number | undefined) {
  const reordered = frames.some(({ pts, dts }) => pts !== dts)
  const words: number[] = []
  let last = UNKNOWN_DURATION
  for (const [i, frame] of frames.entries()) {
    const next = frames[i + 1]?.dts ?? endDts
    if (next !== undefined && next > frame.dts) last = Math.min(0xffffffff, next - frame.dts)
    words.push(last, sizes[i]!, frame.keyFrame ? SYNC : DEPENDS)
    if (reordered) words.push((frame.pts - frame.dts) >>> 0)
  }
  const table = u32(...words)
  return (offset: number) =>
    // data-offset, and of every sample: duration, size, flags, signed composition offset
    fullBox('trun', 1, reordered ? 0xf01 : 0x701, u32(frames.length, offset), table)
}

function audioRun(track: CmafTrack, frames: readonly CodedFrame[], sizes: readonly number[]) {
  const table = u32(...frames.flatMap((frame, i) => [soundTicks(track, frame), sizes[i]!, SYNC]))
  return (offset: number) => fullBox('trun', 1, 0x701, u32(frames.length, offset), table)
}

/** The bytes of a sample, in pieces that need no copy. */
export function sampleOf(track: CmafTrack, data: Uint8Array): readonly Uint8Array[] {
  if (track.codec === 'av1') return av1Sample(data)
  if (track.codec !== 'h264' && track.codec !== 'hevc') return [data]
  const parts: Uint8Array[] = []
  for (const nal of splitAnnexB(data)) {
    if (nal.length === 0 || isOutOfBand(track.codec, nal)) continue
    parts.push(u32(nal.length), nal)
  }
  return parts.length > 0 ? parts : [NONE]
}

function isOutOfBand(codec: 'h264' | 'hevc', nal: Uint8Array): boolean {
  if (codec === 'h264') {
    const type = nalType(nal)
    return type === NAL.sps || type === NAL.pps || type === NAL.aud
  }
  const type = hevcNalType(nal)
  return type >= HEVC_NAL.vps && type <= HEVC_NAL.aud
}
