import { decodeAvcConfig } from '../h264/avcc.ts'
import { parseSps } from '../h264/sps.ts'
import { aacSampleRate, decodeAudioConfig } from '../ts/adts.ts'
import { readAv1Sequence } from './av1.ts'
import { BoxReader, badCmaf, type FoundBox } from './boxes.ts'
import { OPUS_RATE } from './opus.ts'
import type { CmafTrack } from './track.ts'

const MAX_TIMESCALE = 10_000_000

/** Reads the track of an initialisation segment; throws `bad_cmaf`, or what its parameter sets are damaged by. */
export function readCmafInit(init: Uint8Array): CmafTrack {
  const r = new BoxReader(init)
  const moov = r.children(0, init.length).find((box) => box.type === 'moov')
  if (!moov) throw badCmaf('there is no movie header')
  const mdia = r.find(moov, 'trak', 'mdia')
  const mdhd = mdia && r.find(mdia, 'mdhd')
  const stsd = mdia && r.find(mdia, 'minf', 'stbl', 'stsd')
  if (!mdhd || !stsd) throw badCmaf('the track has no header or no sample description')
  const timescale = r.u32(mdhd.start + (r.u8(mdhd.start) === 1 ? 20 : 12))
  if (timescale < 1 || timescale > MAX_TIMESCALE) throw badCmaf(`its clock ticks ${timescale} times a second`)
  const entry = r.children(stsd.start + 8, stsd.end)[0]
  if (!entry) throw badCmaf('the sample description is empty')
  return trackOfEntry(r, entry, timescale)
}

/** Reads the track of a sample entry (ISO 14496-12 section 8.5.2); throws as `readCmafInit`. */
export function trackOfEntry(r: BoxReader, entry: FoundBox, timescale: number): CmafTrack {
  const { start, end } = entry
  const picture = () => ({ kind: 'video' as const, timescale, width: r.u16(start + 24), height: r.u16(start + 26) })
  const inside = (type: string, head: number): FoundBox => {
    const found = start + head <= end ? r.children(start + head, end).find((box) => box.type === type) : undefined
    if (!found) throw badCmaf(`${entry.type} has no ${type}`)
    return found
  }
  switch (entry.type) {
    case 'avc1': {
      const box = inside('avcC', 78)
      const { sps, pps, lengthSize } = decodeAvcConfig(r.bytes(box.start, box.end))
      if (lengthSize !== 4 || sps.length === 0 || pps.length === 0)
        throw badCmaf('NAL lengths of 4 bytes and parameter sets are expected')
      for (const set of sps) parseSps(set)
      return { ...picture(), codec: 'h264', sps, pps }
    }
    case 'hvc1':
    case 'hev1':
      return { ...picture(), codec: 'hevc', ...hevcSets(r, inside('hvcC', 78)) }
    case 'av01': {
      const box = inside('av1C', 78)
      const config = r.bytes(box.start, box.end)
      readAv1Sequence(config.subarray(4))
      return { ...picture(), codec: 'av1', config }
    }
    case 'vp09': {
      const { start: at } = inside('vpcC', 78)
      const depths = r.u8(at + 6)
      return {
        ...picture(),
        codec: 'vp9',
        facts: { profile: r.u8(at + 4), bitDepth: depths >> 4, chroma: (depths >> 1) & 7 },
      }
    }
    case 'mp4a': {
      const config = audioConfig(r, inside('esds', 28))
      const aac = decodeAudioConfig(config)
      if (!aac) throw badCmaf('the AAC configuration cannot be read')
      return { kind: 'audio', codec: 'aac', timescale, config, sampleRate: aacSampleRate(aac), channels: aac.channels }
    }
    case 'Opus': {
      const { start: at } = inside('dOps', 28)
      return {
        kind: 'audio',
        codec: 'opus',
        timescale,
        sampleRate: OPUS_RATE,
        channels: r.u8(at + 1),
        preSkip: r.u16(at + 2),
      }
    }
    default:
      throw badCmaf(`a track of ${/^[\w ]{4}$/.test(entry.type) ? entry.type : 'an unknown codec'} is not known`)
  }
}

function hevcSets(r: BoxReader, box: FoundBox) {
  const sets: Record<'vps' | 'sps' | 'pps', Uint8Array[]> = { vps: [], sps: [], pps: [] }
  if ((r.u8(box.start + 21) & 3) !== 3) throw badCmaf('NAL lengths of 4 bytes are expected')
  let at = box.start + 23
  for (let arrays = r.u8(box.start + 22); arrays > 0; arrays--) {
    const kind = ({ 32: 'vps', 33: 'sps', 34: 'pps' } as const)[r.u8(at) & 0x3f]
    let count = r.u16(at + 1)
    at += 3
    for (; count > 0; count--) {
      const length = r.u16(at)
      const set = r.bytes(at + 2, at + 2 + length)
      at += 2 + length
      if (kind && length > 2) sets[kind].push(set)
    }
  }
  if (sets.sps.length === 0 || sets.pps.length === 0) throw badCmaf('the parameter sets of HEVC are missing')
  return sets
}

/** The AudioSpecificConfig inside an ES descriptor (ISO 14496-1 section 7.2.6). */
function audioConfig(r: BoxReader, box: FoundBox): Uint8Array {
  let at = box.start + 4
  while (at < box.end) {
    const tag = r.u8(at++)
    let length = 0
    for (let i = 0; i < 4; i++) {
      const byte = r.u8(at++)
      length = length * 128 + (byte & 127)
      if (byte < 128) break
    }
    if (tag === 3) {
      const flags = r.u8(at + 2)
      at += 3 + (flags & 0x80 ? 2 : 0)
      if (flags & 0x40) at += 1 + r.u8(at)
      if (flags & 0x20) at += 2
    } else if (tag === 4) at += 13
    else if (tag === 5) return r.bytes(at, Math.min(at + length, box.end))
    else at += length
  }
  throw badCmaf('the ES descriptor has no configuration')
}
