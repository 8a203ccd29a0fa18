import { BoxReader } from '../cmaf/boxes.ts'
import { sampleFrame } from '../cmaf/read-chunk.ts'
import { trackOfEntry } from '../cmaf/read-init.ts'
import type { CmafTrack } from '../cmaf/track.ts'
import { type AvcConfig, decodeAvcConfig } from '../h264/avcc.ts'
import { BadMediaError } from '../h264/errors.ts'
import { joinAnnexB, splitLengthPrefixed } from '../h264/nal.ts'
import type { CodedFrame } from '../segment/segment.ts'

/** Bounds on what a file may make us build (faults.md 32): a segment of five minutes stays far below. */
const MAX_BOXES = 10_000
const MAX_SAMPLES = 200_000
const MAX_DEPTH = 12
/** Sample entries that are read as those of CMAF. */
const OTHERS: ReadonlySet<string> = new Set(['hvc1', 'hev1', 'av01', 'vp09', 'Opus'])

type Box = { readonly type: string; readonly start: number; readonly end: number }

type Track = {
  id: number
  kind: 'video' | 'audio' | undefined
  timescale: number
  avc: AvcConfig | undefined
  aac: Uint8Array | undefined
  /** Of HEVC, AV1, VP9 and Opus. */
  other: CmafTrack | undefined
  /** Media time that is presented first, in the track's time scale. */
  mediaTime: number
  /** Ticks of the movie's clock before the track begins. */
  emptyEdit: number
  tables: Map<string, Box>
}

/**
 * Reads the frames of an MP4 file that is in memory, plain or fragmented, sorted by decoding time: H.264, HEVC, AV1, VP9, AAC and Opus.
 * Throws `bad_mp4`, or what parameter sets are damaged by; other codecs are left out.
 */
export function readMp4Frames(data: Uint8Array): CodedFrame[] {
  return new Reader(data).frames()
}

const bad = (what: string) => new BadMediaError('bad_mp4', `the MP4 file is damaged: ${what}`)

class Reader {
  readonly #data: Uint8Array
  readonly #view: DataView
  readonly #tracks: Track[] = []
  readonly #frames: CodedFrame[] = []
  #movieScale = 1_000
  #boxes = 0
  /** Defaults of fragments, by track: duration, size, flags (ISO 14496-12 section 8.8.3). */
  readonly #defaults = new Map<number, readonly [number, number, number]>()
  readonly #next = new Map<number, number>()

  constructor(data: Uint8Array) {
    this.#data = data
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  }

  frames(): CodedFrame[] {
    const top = [...this.#children(0, this.#data.length, 0)]
    const moov = top.find((box) => box.type === 'moov')
    if (!moov) throw bad('it has no movie header')
    for (const child of this.#children(moov.start, moov.end, 1)) {
      if (child.type === 'mvhd')
        this.#movieScale = this.#u32(child.start + (this.#u8(child.start) === 1 ? 20 : 12)) || 1_000
      else if (child.type === 'trak') this.#trak(child)
      else if (child.type === 'mvex')
        for (const trex of this.#children(child.start, child.end, 2))
          if (trex.type === 'trex')
            this.#defaults.set(this.#u32(trex.start + 4), [
              this.#u32(trex.start + 12),
              this.#u32(trex.start + 16),
              this.#u32(trex.start + 20),
            ])
    }
    for (const track of this.#tracks) if (track.tables.has('stsz')) this.#samples(track)
    for (const box of top) if (box.type === 'moof') this.#moof(box)
    return this.#frames.sort((a, b) => a.dts - b.dts)
  }

  *#children(start: number, end: number, depth: number): Generator<Box> {
    if (depth > MAX_DEPTH) throw bad('its boxes are nested too deep')
    let at = start
    while (at + 8 <= end) {
      if (++this.#boxes > MAX_BOXES) throw bad('it has too many boxes')
      let size = this.#u32(at)
      let head = 8
      const type = String.fromCharCode(...this.#data.subarray(at + 4, at + 8))
      if (size === 1) {
        size = this.#u64(at + 8)
        head = 16
      } else if (size === 0) size = end - at
      if (size < head) throw bad('a box is smaller than its head')
      // What was cut off at the end is read as far as it is there.
      yield { type, start: at + head, end: Math.min(at + size, end) }
      at += size
    }
  }

  #trak(trak: Box): void {
    const track: Track = {
      id: 0,
      kind: undefined,
      timescale: 0,
      avc: undefined,
      aac: undefined,
      other: undefined,
      mediaTime: 0,
      emptyEdit: 0,
      tables: new Map(),
    }
    const walk = (box: Box, depth: number) => {
      for (const child of this.#children(box.start, box.end, depth)) {
        if (['mdia', 'minf', 'stbl', 'edts'].includes(child.type)) walk(child, depth + 1)
        else if (child.type === 'tkhd') track.id = this.#u32(child.start + (this.#u8(child.start) === 1 ? 20 : 12))
        else if (child.type === 'mdhd')
          track.timescale = this.#u32(child.start + (this.#u8(child.start) === 1 ? 20 : 12))
        else if (child.type === 'elst') this.#edits(track, child)
        else if (child.type === 'stsd') this.#stsd(track, child)
        else if (depth >= 4) track.tables.set(child.type, child)
      }
    }
    walk(trak, 2)
    if (track.kind && track.timescale > 0 && this.#tracks.length < 16) this.#tracks.push(track)
  }

  #edits(track: Track, box: Box): void {
    const long = this.#u8(box.start) === 1
    const count = Math.min(this.#u32(box.start + 4), 64)
    for (let i = 0, at = box.start + 8; i < count && at + (long ? 20 : 12) <= box.end; i++, at += long ? 20 : 12) {
      const duration = long ? this.#u64(at) : this.#u32(at)
      const time = long ? Number(this.#view.getBigInt64(at + 8)) : this.#view.getInt32(at + 4)
      if (time < 0) track.emptyEdit += duration
      else {
        track.mediaTime = time
        return
      }
    }
  }

  #stsd(track: Track, box: Box): void {
    for (const entry of this.#children(box.start + 8, box.end, 6)) {
      if (entry.type === 'avc1' || entry.type === 'avc3') {
        for (const child of this.#children(entry.start + 78, entry.end, 7))
          if (child.type === 'avcC') track.avc = decodeAvcConfig(this.#data.subarray(child.start, child.end))
        if (track.avc) track.kind = 'video'
      } else if (entry.type === 'mp4a') {
        for (const child of this.#children(entry.start + 28, entry.end, 7))
          if (child.type === 'esds') track.aac = this.#esds(child)
        if (track.aac) track.kind = 'audio'
      } else if (OTHERS.has(entry.type)) {
        track.other = trackOfEntry(new BoxReader(this.#data), entry, track.timescale)
        track.kind = track.other.kind
      }
      return
    }
  }

  /** The AudioSpecificConfig inside the ES descriptor (ISO 14496-1 section 7.2.6). */
  #esds(box: Box): Uint8Array | undefined {
    let at = box.start + 4
    while (at + 2 < box.end) {
      const tag = this.#u8(at++)
      let length = 0
      for (let i = 0; i < 4; i++) {
        const byte = this.#u8(at++)
        length = length * 128 + (byte & 127)
        if (byte < 128) break
      }
      if (tag === 3) {
        const flags = this.#u8(at + 2)
        at += 3
        if (flags & 0x80) at += 2
        if (flags & 0x40) at += 1 + this.#u8(at)
        if (flags & 0x20) at += 2
      } else if (tag === 4) at += 13
      else if (tag === 5) return length > 0 && at + length <= box.end ? this.#data.slice(at, at + length) : undefined
      else at += length
    }
    return undefined
  }

  #samples(track: Track): void {
    const table = (type: string) => track.tables.get(type)
    const stsz = table('stsz')
    const stsc = table('stsc')
    const offsets = table('co64') ?? table('stco')
    const stts = table('stts')
    if (!stsz || !stsc || !offsets || !stts) return
    const fixed = this.#u32(stsz.start + 4)
    const count = this.#u32(stsz.start + 8)
    if (count > MAX_SAMPLES) throw bad(`it claims ${count} samples`)
    if (fixed === 0 && stsz.start + 12 + count * 4 > stsz.end) throw bad('its sample sizes are cut off')
    const times = this.#runs(stts, count, false)
    const ctts = table('ctts')
    const compositions = ctts ? this.#runs(ctts, count, true) : undefined
    const stss = table('stss')
    const sync = new Set<number>()
    if (stss) {
      const syncs = Math.min(this.#u32(stss.start + 4), (stss.end - stss.start - 8) >> 2)
      for (let i = 0; i < syncs; i++) sync.add(this.#u32(stss.start + 8 + i * 4) - 1)
    }
    const long = table('co64') !== undefined
    const chunks = Math.min(
      this.#u32(offsets.start + 4),
      Math.floor((offsets.end - offsets.start - 8) / (long ? 8 : 4)),
    )
    const entries = Math.min(this.#u32(stsc.start + 4), Math.floor((stsc.end - stsc.start - 8) / 12))
    let sample = 0
    let dts = 0
    for (let entry = 0; entry < entries; entry++) {
      const at = stsc.start + 8 + entry * 12
      const first = this.#u32(at)
      const perChunk = this.#u32(at + 4)
      const next = entry + 1 < entries ? this.#u32(at + 12) : chunks + 1
      for (let chunk = first; chunk < Math.min(next, chunks + 1); chunk++) {
        let offset = long
          ? this.#u64(offsets.start + 8 + (chunk - 1) * 8)
          : this.#u32(offsets.start + 8 + (chunk - 1) * 4)
        for (let i = 0; i < perChunk && sample < count; i++, sample++) {
          const size = fixed || this.#u32(stsz.start + 12 + sample * 4)
          this.#add(track, offset, size, dts, compositions?.[sample] ?? 0, stss ? sync.has(sample) : true)
          offset += size
          dts += times[sample] ?? 0
        }
      }
    }
  }

  #runs(box: Box, limit: number, signed: boolean): Int32Array {
    const out = new Int32Array(limit)
    const count = Math.min(this.#u32(box.start + 4), Math.floor((box.end - box.start - 8) / 8))
    let filled = 0
    for (let i = 0; i < count && filled < limit; i++) {
      const run = this.#u32(box.start + 8 + i * 8)
      const value = signed ? this.#view.getInt32(box.start + 12 + i * 8) : this.#u32(box.start + 12 + i * 8)
      const end = Math.min(limit, filled + run)
      out.fill(value, filled, end)
      filled = end
    }
    return out
  }

  #moof(moof: Box): void {
    for (const traf of this.#children(moof.start, moof.end, 1)) {
      if (traf.type !== 'traf') continue
      let track: Track | undefined
      let base = moof.start - 8
      let defaults: readonly number[] = [0, 0, 0]
      for (const box of this.#children(traf.start, traf.end, 2)) {
        if (box.type === 'tfhd') {
          const flags = this.#u32(box.start) & 0xffffff
          const id = this.#u32(box.start + 4)
          track = this.#tracks.find((candidate) => candidate.id === id)
          let at = box.start + 8
          if (flags & 1) {
            base = this.#u64(at)
            at += 8
          }
          if (flags & 2) at += 4
          const values = [...(this.#defaults.get(id) ?? [0, 0, 0])]
          for (const [i, bit] of [8, 16, 32].entries())
            if (flags & bit) {
              values[i] = this.#u32(at)
              at += 4
            }
          defaults = values
        } else if (box.type === 'tfdt' && track)
          this.#next.set(track.id, this.#u8(box.start) === 1 ? this.#u64(box.start + 4) : this.#u32(box.start + 4))
        else if (box.type === 'trun' && track) this.#trun(track, box, base, defaults)
      }
    }
  }

  #trun(track: Track, box: Box, base: number, [duration, size, flagsOf]: readonly number[]): void {
    const flags = this.#u32(box.start) & 0xffffff
    const version = this.#u8(box.start)
    const count = this.#u32(box.start + 4)
    if (count > MAX_SAMPLES) throw bad(`a fragment claims ${count} samples`)
    let at = box.start + 8
    let offset = base
    if (flags & 1) {
      offset += this.#view.getInt32(this.#within(at, 4))
      at += 4
    }
    let firstFlags: number | undefined
    if (flags & 4) {
      firstFlags = this.#u32(at)
      at += 4
    }
    let dts = this.#next.get(track.id) ?? 0
    const field = (bit: number, otherwise: number) => {
      if (!(flags & bit)) return otherwise
      at += 4
      return this.#u32(at - 4)
    }
    for (let i = 0; i < count; i++) {
      const step = field(0x100, duration ?? 0)
      const bytes = field(0x200, size ?? 0)
      const sampleFlags = field(0x400, i === 0 && firstFlags !== undefined ? firstFlags : (flagsOf ?? 0))
      let composition = field(0x800, 0)
      if (version > 0) composition |= 0
      this.#add(track, offset, bytes, dts, composition, (sampleFlags & 0x10000) === 0)
      offset += bytes
      dts += step
    }
    this.#next.set(track.id, dts)
  }

  #add(track: Track, offset: number, size: number, dts: number, composition: number, key: boolean): void {
    if (this.#frames.length >= MAX_SAMPLES) throw bad('it has too many samples')
    // Samples behind the end of a truncated file are missing, not an error.
    if (size === 0 || offset < 0 || offset + size > this.#data.length) return
    const sample = this.#data.subarray(offset, offset + size)
    const ticks = (time: number) =>
      Math.round(((time - track.mediaTime) * 90_000) / track.timescale + (track.emptyEdit * 90_000) / this.#movieScale)
    const times = { dts: ticks(dts), pts: ticks(dts + composition) }
    if (track.kind === 'video' && track.avc) {
      const nals = [...splitLengthPrefixed(sample, track.avc.lengthSize)]
      const sets = key ? [...track.avc.sps, ...track.avc.pps] : []
      this.#frames.push({ kind: 'video', codec: 'h264', ...times, keyFrame: key, data: joinAnnexB([...sets, ...nals]) })
    } else if (track.other) this.#frames.push(sampleFrame(track.other, sample, times, key))
    else if (track.aac)
      this.#frames.push({ kind: 'audio', codec: 'aac', ...times, keyFrame: true, data: sample, config: track.aac })
  }

  #within(at: number, bytes: number): number {
    if (at < 0 || at + bytes > this.#data.length) throw bad('it ends inside a box')
    return at
  }

  #u8(at: number): number {
    return this.#data[this.#within(at, 1)]!
  }

  #u32(at: number): number {
    return this.#view.getUint32(this.#within(at, 4))
  }

  #u64(at: number): number {
    const value = this.#view.getBigUint64(this.#within(at, 8))
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw bad('a number is too large')
    return Number(value)
  }
}
