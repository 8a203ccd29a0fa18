import { concatBytes, MillraceError } from '@millrace/base'
import { sampleOf } from '../cmaf/chunk.ts'
import { sampleEntry } from '../cmaf/sample-entry.ts'
import { type CmafTrack, cmafTrackOf } from '../cmaf/track.ts'
import { annexBToAvcc, encodeAvcConfig } from '../h264/avcc.ts'
import { inspectAccessUnit } from '../h264/nal.ts'
import { parseSps } from '../h264/sps.ts'
import type { CodedFrame, FrameCodec } from '../segment/segment.ts'
import { aacSampleRate, decodeAudioConfig } from '../ts/adts.ts'
import { ascii, box, fullBox, u8, u16, u32, u64 } from './mp4-boxes.ts'

type Run = { count: number; value: number }

const MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)

/** Codecs whose sample entries and samples are those of CMAF. */
const OTHERS: ReadonlySet<FrameCodec> = new Set<FrameCodec>(['hevc', 'av1', 'vp9', 'opus'])

/** Gathers the tables of one track of an MP4 file while its samples are written elsewhere. */
export class Mp4Track {
  readonly kind: 'video' | 'audio'
  readonly #sizes: number[] = []
  readonly #chunks: { offset: number; samples: number }[] = []
  readonly #dts: number[] = []
  readonly #composition: Run[] = []
  readonly #sync: number[] = []
  #firstPts = Number.POSITIVE_INFINITY
  #sps: Uint8Array | undefined
  #pps: Uint8Array | undefined
  #config: Uint8Array | undefined
  #other: CmafTrack | undefined

  constructor(kind: 'video' | 'audio') {
    this.kind = kind
  }

  get samples(): number {
    return this.#sizes.length
  }

  /** Presentation time of the earliest sample. */
  get firstPts(): number {
    return this.#firstPts
  }

  get sampleBytes(): number {
    return this.#sizes.reduce((sum, size) => sum + size, 0)
  }

  /** Notes a frame whose sample will lie at the offset; returns the sample's bytes, or undefined when the track cannot take it. */
  add(frame: CodedFrame, offset: number): Uint8Array | undefined {
    let data = frame.data
    if (OTHERS.has(frame.codec)) {
      // A decoder cannot start before the first key frame.
      this.#other ??= cmafTrackOf(frame)
      if (!this.#other) return undefined
      data = concatBytes(...sampleOf(this.#other, data))
      if (frame.keyFrame) this.#sync.push(this.#sizes.length + 1)
    } else if (this.kind === 'video') {
      if (frame.codec !== 'h264')
        throw new MillraceError(
          'unsupported_codec',
          `MP4 files are written of H.264, HEVC, AV1 and VP9, not ${frame.codec}`,
        )
      if (!this.#sps) {
        const { sps, pps } = inspectAccessUnit(frame.data, 'h264')
        // A decoder cannot start before the first parameter sets.
        if (!sps || !pps) return undefined
        this.#sps = sps.slice()
        this.#pps = pps.slice()
      }
      data = annexBToAvcc(frame.data)
      if (frame.keyFrame) this.#sync.push(this.#sizes.length + 1)
    } else {
      if (frame.codec !== 'aac')
        throw new MillraceError('unsupported_codec', `MP4 files are written with AAC or Opus, not ${frame.codec}`)
      this.#config ??= frame.config
      if (!this.#config) return undefined
    }
    const last = this.#dts.at(-1)
    this.#dts.push(last !== undefined && frame.dts <= last ? last + 1 : frame.dts)
    this.#firstPts = Math.min(this.#firstPts, frame.pts)
    pushRun(this.#composition, frame.pts - this.#dts.at(-1)!)
    this.#sizes.push(data.length)
    const chunk = this.#chunks.at(-1)
    if (chunk && offset === this.#nextOffset && chunk.samples < 64) chunk.samples++
    else this.#chunks.push({ offset, samples: 1 })
    this.#nextOffset = offset + data.length
    return data
  }

  #nextOffset = -1

  /** The `trak` box; offsets are moved by `shift`, and the presentation starts at `origin` (90 kHz ticks). */
  trak(id: number, shift: number, origin: number): Uint8Array {
    const video = this.kind === 'video'
    const duration = this.duration
    const size = this.#pictureSize()
    // An edit list makes the track begin with its first presented frame, at its place against the other track.
    const empty = Math.max(0, Math.round(this.#firstPts - origin))
    const edits = [u64(duration), u64(Math.max(0, this.#firstPts - this.#dts[0]!)), u32(0x10000)]
    // An empty edit has media time -1 (ISO 14496-12 section 8.6.6).
    if (empty > 0) edits.unshift(u64(empty), new Uint8Array(8).fill(0xff), u32(0x10000))
    return box(
      'trak',
      fullBox(
        'tkhd',
        1,
        3,
        u64(0, 0),
        u32(id, 0),
        u64(duration + empty),
        u32(0, 0),
        u16(0, 0, video ? 0 : 0x0100, 0),
        MATRIX,
        u32(size.width * 0x10000, size.height * 0x10000),
      ),
      box('edts', fullBox('elst', 1, 0, u32(edits.length / 3), ...edits)),
      box(
        'mdia',
        fullBox('mdhd', 1, 0, u64(0, 0), u32(90_000), u64(duration), u16(0x55c4, 0)),
        fullBox('hdlr', 0, 0, u32(0), ascii(video ? 'vide' : 'soun'), u32(0, 0, 0), ascii('Millrace\0')),
        box(
          'minf',
          video ? fullBox('vmhd', 0, 1, u16(0, 0, 0, 0)) : fullBox('smhd', 0, 0, u32(0)),
          box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1))),
          box(
            'stbl',
            fullBox('stsd', 0, 0, u32(1), this.#sampleEntry()),
            this.#stts(),
            ...(video && this.#composition.some((run) => run.value !== 0)
              ? [runsBox('ctts', 1, this.#composition)]
              : []),
            ...(video ? [fullBox('stss', 0, 0, u32(this.#sync.length), u32Array(this.#sync))] : []),
            this.#stsc(),
            fullBox('stsz', 0, 0, u32(0, this.#sizes.length), u32Array(this.#sizes)),
            fullBox(
              'co64',
              0,
              0,
              u32(this.#chunks.length),
              u64Array(this.#chunks, (chunk) => chunk.offset + shift),
            ),
          ),
        ),
      ),
    )
  }

  /** Duration in 90 kHz ticks. */
  get duration(): number {
    if (this.#dts.length === 0) return 0
    return this.#dts.at(-1)! - this.#dts[0]! + this.#lastStep()
  }

  #lastStep(): number {
    if (this.#dts.length < 2) return this.kind === 'video' ? 3_000 : 1_920
    return Math.min(90_000, Math.round((this.#dts.at(-1)! - this.#dts[0]!) / (this.#dts.length - 1)))
  }

  #stts(): Uint8Array {
    const runs: Run[] = []
    for (let i = 1; i < this.#dts.length; i++) pushRun(runs, this.#dts[i]! - this.#dts[i - 1]!)
    pushRun(runs, this.#lastStep())
    return runsBox('stts', 0, runs)
  }

  #stsc(): Uint8Array {
    const entries: number[] = []
    let last = 0
    for (const [i, chunk] of this.#chunks.entries()) {
      if (chunk.samples !== last) entries.push(i + 1, chunk.samples, 1)
      last = chunk.samples
    }
    return fullBox('stsc', 0, 0, u32(entries.length / 3), u32Array(entries))
  }

  #pictureSize(): { readonly width: number; readonly height: number } {
    if (this.#other?.kind === 'video') return this.#other
    return this.#sps ? parseSps(this.#sps) : { width: 0, height: 0 }
  }

  #sampleEntry(): Uint8Array {
    if (this.#other) return sampleEntry(this.#other)
    return this.kind === 'video' ? this.#avc1() : this.#mp4a()
  }

  #avc1(): Uint8Array {
    const { width, height } = parseSps(this.#sps!)
    return box(
      'avc1',
      u8(0, 0, 0, 0, 0, 0, 0, 1),
      u16(0, 0),
      u32(0, 0, 0),
      u16(width, height),
      u32(0x480000, 0x480000, 0),
      u16(1),
      new Uint8Array(32),
      u16(24, 0xffff),
      box('avcC', encodeAvcConfig(this.#sps!, this.#pps!)),
    )
  }

  #mp4a(): Uint8Array {
    const config = this.#config!
    const aac = decodeAudioConfig(config)
    const rate = aac ? aacSampleRate(aac) : 48_000
    // ES descriptor of ISO 14496-1 with an AAC decoder configuration inside.
    const descriptor = u8(3, 23 + config.length, 0, 1, 0, 4, 15 + config.length, 0x40, 0x15, 0, 0, 0)
    const rest = u8(0, 0, 0, 0, 0, 0, 0, 0, 5, config.length, ...config, 6, 1, 2)
    return box(
      'mp4a',
      u8(0, 0, 0, 0, 0, 0, 0, 1),
      u32(0, 0),
      u16(aac?.channels ?? 2, 16, 0, 0),
      u32(rate * 0x10000),
      fullBox('esds', 0, 0, descriptor, rest),
    )
  }
}

function pushRun(runs: Run[], value: number): void {
  const last = runs.at(-1)
  if (last && last.value === value) last.count++
  else runs.push({ count: 1, value })
}

function runsBox(type: string, version: number, runs: readonly Run[]): Uint8Array {
  const out = new Uint8Array(runs.length * 8)
  const view = new DataView(out.buffer)
  for (const [i, run] of runs.entries()) {
    view.setUint32(i * 8, run.count)
    view.setInt32(i * 8 + 4, run.value)
  }
  return fullBox(type, version, 0, u32(runs.length), out)
}

function u32Array(values: readonly number[]): Uint8Array {
  const out = new Uint8Array(values.length * 4)
  const view = new DataView(out.buffer)
  for (const [i, value] of values.entries()) view.setUint32(i * 4, value)
  return out
}

function u64Array<Item>(items: readonly Item[], value: (item: Item) => number): Uint8Array {
  const out = new Uint8Array(items.length * 8)
  const view = new DataView(out.buffer)
  for (const [i, item] of items.entries()) view.setBigUint64(i * 8, BigInt(value(item)))
  return out
}
