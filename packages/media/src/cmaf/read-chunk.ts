import { concatBytes } from '@millrace/base'
import { joinAnnexB, splitLengthPrefixed } from '../h264/nal.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { isAv1Key } from './av1.ts'
import { BoxReader, badCmaf, type FoundBox } from './boxes.ts'
import { readCmafInit } from './read-init.ts'
import { type CmafTrack, VIDEO_TIMESCALE } from './track.ts'

/** Bounds on what a chunk may make us build: five minutes of sound stay below. */
const MAX_SAMPLES = 20_000

/**
 * Reads the frames of one or more chunks of a track: pictures of H.264 and HEVC as Annex B with parameter sets on key frames.
 * `init` is the initialisation segment, or what `readCmafInit` made of it. Throws `bad_cmaf` or `bad_nal_length`.
 */
export function readCmafChunk(init: Uint8Array | CmafTrack, chunk: Uint8Array): CodedFrame[] {
  const track = init instanceof Uint8Array ? readCmafInit(init) : init
  const r = new BoxReader(chunk)
  const frames: CodedFrame[] = []
  let fragments = 0
  for (const moof of r.children(0, chunk.length)) {
    if (moof.type !== 'moof') continue
    fragments++
    const traf = r.find(moof, 'traf')
    if (!traf) throw badCmaf('a fragment has no track')
    readTraf(r, track, moof.start - 8, traf, frames)
  }
  if (fragments === 0) throw badCmaf('there is no movie fragment')
  return frames
}

/** Decoding time of the first sample of a chunk, in ticks of its track, and how many samples it has; undefined when it cannot be read. */
export function headOf(chunk: Uint8Array): { readonly baseTime: number; readonly samples: number } | undefined {
  try {
    const r = new BoxReader(chunk)
    const moof = r.children(0, chunk.length).find(({ type }) => type === 'moof')
    const tfdt = moof && r.find(moof, 'traf', 'tfdt')
    const trun = moof && r.find(moof, 'traf', 'trun')
    if (!tfdt || !trun) return undefined
    const baseTime = r.u8(tfdt.start) === 1 ? r.u64(tfdt.start + 4) : r.u32(tfdt.start + 4)
    return { baseTime, samples: r.u32(trun.start + 4) }
  } catch {
    return undefined
  }
}

function readTraf(r: BoxReader, track: CmafTrack, base: number, traf: FoundBox, frames: CodedFrame[]): void {
  let time: number | undefined
  const defaults = { duration: 0, size: 0, flags: 0 }
  for (const box of r.children(traf.start, traf.end)) {
    const flags = box.type === 'tfhd' || box.type === 'trun' ? r.u32(box.start) & 0xffffff : 0
    if (box.type === 'tfhd') {
      if (flags & 1) throw badCmaf('offsets from the start of the file are not allowed in CMAF')
      let at = box.start + 8 + (flags & 2 ? 4 : 0)
      for (const [name, bit] of [
        ['duration', 8],
        ['size', 16],
        ['flags', 32],
      ] as const)
        if (flags & bit) {
          defaults[name] = r.u32(at)
          at += 4
        }
    } else if (box.type === 'tfdt') time = r.u8(box.start) === 1 ? r.u64(box.start + 4) : r.u32(box.start + 4)
    else if (box.type === 'trun') {
      if (time === undefined) throw badCmaf('a fragment does not tell its decoding time')
      time = readRun(r, track, base, box, flags, defaults, time, frames)
    }
  }
}

function readRun(
  r: BoxReader,
  track: CmafTrack,
  base: number,
  box: FoundBox,
  flags: number,
  defaults: { readonly duration: number; readonly size: number; readonly flags: number },
  from: number,
  frames: CodedFrame[],
): number {
  const count = r.u32(box.start + 4)
  const perSample = [0x100, 0x200, 0x400, 0x800].reduce((sum, bit) => sum + (flags & bit ? 4 : 0), 0)
  if (count + frames.length > MAX_SAMPLES || box.start + 8 + count * perSample > box.end)
    throw badCmaf(`a fragment claims ${count} samples`)
  let at = box.start + 8
  const word = (): number => {
    at += 4
    return r.u32(at - 4)
  }
  let offset = base + (flags & 1 ? word() | 0 : 0)
  const firstFlags = flags & 4 ? word() : undefined
  let time = from
  for (let i = 0; i < count; i++) {
    const duration = flags & 0x100 ? word() : defaults.duration
    const size = flags & 0x200 ? word() : defaults.size
    const sampleFlags = flags & 0x400 ? word() : i === 0 && firstFlags !== undefined ? firstFlags : defaults.flags
    const composition = flags & 0x800 ? word() | 0 : 0
    if (size === 0 || offset < 0 || offset + size > r.data.length) throw badCmaf('a sample lies outside of the bytes')
    const key = (sampleFlags & 0x10000) === 0
    frames.push(frameOf(track, r.data.subarray(offset, offset + size), time, composition, key))
    offset += size
    time += duration
    if (!Number.isSafeInteger(time)) throw badCmaf('its clock runs over')
  }
  return time
}

function frameOf(
  track: CmafTrack,
  sample: Uint8Array,
  time: number,
  composition: number,
  keyFrame: boolean,
): CodedFrame {
  const ticks = (value: number) => Math.round((value * VIDEO_TIMESCALE) / track.timescale)
  return sampleFrame(track, sample, { dts: ticks(time), pts: ticks(time + composition) }, keyFrame)
}

/** A sample of an MP4 file as a coded frame: what only the sample entry tells is put into key frames. Throws `bad_nal_length`. */
export function sampleFrame(
  track: CmafTrack,
  sample: Uint8Array,
  times: Pick<CodedFrame, 'pts' | 'dts'>,
  keyFrame: boolean,
): CodedFrame {
  const { codec } = track
  if (codec === 'aac') return { kind: 'audio', codec, ...times, keyFrame: true, data: sample, config: track.config }
  if (codec === 'opus') return { kind: 'audio', codec, ...times, keyFrame: true, data: sample }
  if (codec === 'vp9') return { kind: 'video', codec, ...times, keyFrame, data: sample }
  if (codec === 'av1') {
    const isBare = keyFrame && !isAv1Key(sample)
    // The configuration ends with the sequence header.
    const data = isBare ? concatBytes(track.config.subarray(4), sample) : sample
    return { kind: 'video', codec, ...times, keyFrame, data }
  }
  const sets = codec === 'hevc' ? [...track.vps, ...track.sps, ...track.pps] : [...track.sps, ...track.pps]
  const nals = [...splitLengthPrefixed(sample, 4)]
  return { kind: 'video', codec, ...times, keyFrame, data: joinAnnexB(keyFrame ? [...sets, ...nals] : nals) }
}
