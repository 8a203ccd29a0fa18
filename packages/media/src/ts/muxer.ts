import type { Ticks90k } from '@millrace/base'
import { opusChannels } from '../cmaf/opus.ts'
import { inspectAccessUnit, withDelimiter } from '../h264/nal.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { type AacConfig, aacFrameTicks, adtsHeader, decodeAudioConfig } from './adts.ts'
import { crc32Mpeg } from './crc32.ts'
import { opusControlHeader, opusDescriptors } from './opus.ts'
import { wrap33 } from './time.ts'

const PACKET = 188
const PMT_PID = 0x1000
const VIDEO_PID = 0x100
const AUDIO_PID = 0x101
/** PCR lies this far before the decoding time, as the decoder needs time to fill its buffer. */
const PCR_LEAD = 9_000
/** Tables are repeated so that a reader that starts in the middle finds them (ETSI TR 101 154: every 100 ms; 500 ms is what FFmpeg does). */
const TABLE_INTERVAL = 45_000
const MAX_AUDIO_PES = 2_800

/** Stream types of the program map (ISO 13818-1 table 2-34, HEVC from amendment 3, AC-3 from ATSC). Opus is a private stream with a descriptor. */
export const STREAM_TYPE = { mp3: 0x03, opus: 0x06, aac: 0x0f, h264: 0x1b, hevc: 0x24, ac3: 0x81 } as const

/** The sound that a transport stream of ours carries. */
export type TsAudio = 'aac' | 'mp3' | 'ac3' | 'opus'

/** The continuity counter that comes next, by packet identifier (ISO 13818-1 section 2.4.3.3). */
export type TsCounters = Map<number, number>

/**
 * Writes coded frames as an MPEG transport stream. One muxer serves a whole stream, so that continuity counters go on from
 * segment to segment; `startSegment` puts the tables in front of the next frame.
 */
export class TsMuxer {
  #write: (bytes: Uint8Array) => void
  readonly #counters: TsCounters
  #video: 'h264' | 'hevc' | undefined
  #audio: TsAudio | undefined
  readonly #takesOpus: boolean
  #opusChannels = 2
  #tablesDue = true
  #lastTables = Number.NEGATIVE_INFINITY
  #lastPcr = Number.NEGATIVE_INFINITY
  #tableVersion = 0
  #pending: PendingAudio | undefined

  /** `write` gets whole packets in arrays that are not used again. */
  constructor(options: {
    readonly write: (bytes: Uint8Array) => void
    readonly video?: 'h264' | 'hevc' | undefined
    readonly audio?: TsAudio | undefined
    /** True to carry Opus, which not every reader of transport streams knows. */
    readonly opus?: boolean
    readonly counters?: TsCounters | undefined
  }) {
    this.#counters = options.counters ?? new Map()
    this.#write = options.write
    this.#video = options.video
    this.#audio = options.audio
    this.#takesOpus = options.opus ?? false
  }

  /** Sends the output elsewhere from here on; audio that waits is written to the old place first. */
  startSegment(write: (bytes: Uint8Array) => void, streams: { video?: 'h264' | 'hevc'; audio?: TsAudio } = {}): void {
    this.flush()
    this.#write = write
    if ('video' in streams) this.#setStreams(streams.video, this.#audio)
    if ('audio' in streams) this.#setStreams(this.#video, streams.audio)
    this.#tablesDue = true
  }

  /** Adds a frame; frames of codecs that a transport stream of ours does not carry are left out and false is returned. */
  frame(frame: CodedFrame): boolean {
    if (frame.kind === 'video') {
      if (frame.codec !== 'h264' && frame.codec !== 'hevc') return false
      if (this.#video !== frame.codec) this.#setStreams(frame.codec, this.#audio)
      this.#videoFrame(frame, frame.codec)
      return true
    }
    if (frame.codec === 'opus') {
      if (!this.#takesOpus) return false
      this.#opusChannels = opusChannels(frame.data)
    } else if (frame.codec !== 'aac' && frame.codec !== 'mp3' && frame.codec !== 'ac3') return false
    if (this.#audio !== frame.codec) this.#setStreams(this.#video, frame.codec)
    this.#audioFrame(frame, frame.codec)
    return true
  }

  /** Writes the audio that waits to be packed. */
  flush(): void {
    const pending = this.#pending
    this.#pending = undefined
    if (!pending) return
    this.#pes(
      AUDIO_PID,
      pending.codec === 'ac3' || pending.codec === 'opus' ? 0xbd : 0xc0,
      pending.parts,
      pending.length,
      pending.pts,
      pending.pts,
      true,
    )
  }

  #setStreams(video: 'h264' | 'hevc' | undefined, audio: TsAudio | undefined): void {
    if (video === this.#video && audio === this.#audio) return
    this.flush()
    this.#video = video
    this.#audio = audio
    this.#tableVersion = (this.#tableVersion + 1) & 31
    this.#tablesDue = true
  }

  #videoFrame(frame: CodedFrame, codec: 'h264' | 'hevc'): void {
    const { hasAud } = inspectAccessUnit(frame.data.subarray(0, 64), codec)
    const parts = withDelimiter(frame.data, codec, hasAud)
    this.#tables(frame.dts)
    let length = 0
    for (const part of parts) length += part.length
    this.#pes(VIDEO_PID, 0xe0, parts, length, frame.pts, frame.dts, frame.keyFrame)
  }

  #audioFrame(frame: CodedFrame, codec: TsAudio): void {
    let parts: Uint8Array[] = [frame.data]
    let ticks = 0
    if (codec === 'aac') {
      const config = this.#audioConfig(frame)
      if (!config || frame.data.length > 8184) return
      parts = [adtsHeader(config, frame.data.length), frame.data]
      ticks = aacFrameTicks(config)
    } else if (codec === 'opus') parts = [opusControlHeader(frame.data.length), frame.data]
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    const pending = this.#pending
    // Several AAC frames share a PES packet, which spares a third of the audio's overhead; their times follow from the first.
    if (
      pending &&
      ticks > 0 &&
      pending.length + length <= MAX_AUDIO_PES &&
      pending.count < 8 &&
      Math.abs(pending.pts + pending.ticks - frame.pts) <= 120
    ) {
      pending.parts.push(...parts)
      pending.length += length
      pending.count++
      pending.ticks += ticks
      return
    }
    this.flush()
    this.#tables(frame.dts)
    this.#pending = { codec, parts, length, count: 1, pts: frame.pts, ticks }
    if (ticks === 0) this.flush()
  }

  #configBytes: Uint8Array | undefined
  #config: AacConfig | undefined

  #audioConfig(frame: CodedFrame): AacConfig | undefined {
    if (frame.config && frame.config !== this.#configBytes) {
      this.#configBytes = frame.config
      this.#config = decodeAudioConfig(frame.config)
    }
    return this.#config
  }

  #tables(dts: Ticks90k): void {
    if (!this.#tablesDue && dts - this.#lastTables < TABLE_INTERVAL && dts >= this.#lastTables) return
    this.#tablesDue = false
    this.#lastTables = dts
    const program = [0x00, 0x01, 0xe0 | (PMT_PID >> 8), PMT_PID & 0xff]
    this.#section(0, 0x00, 1, program)
    const pcrPid = this.#video ? VIDEO_PID : AUDIO_PID
    const map = [0xe0 | (pcrPid >> 8), pcrPid & 0xff, 0xf0, 0x00]
    if (this.#video) map.push(STREAM_TYPE[this.#video], 0xe0 | (VIDEO_PID >> 8), VIDEO_PID & 0xff, 0xf0, 0)
    const about = this.#audio === 'opus' ? opusDescriptors(this.#opusChannels) : []
    if (this.#audio)
      map.push(STREAM_TYPE[this.#audio], 0xe0 | (AUDIO_PID >> 8), AUDIO_PID & 0xff, 0xf0, about.length, ...about)
    this.#section(PMT_PID, 0x02, 1, map)
  }

  #section(pid: number, tableId: number, id: number, body: readonly number[]): void {
    const length = 5 + body.length + 4
    const section = Uint8Array.from([
      tableId,
      0xb0 | (length >> 8),
      length & 0xff,
      id >> 8,
      id & 0xff,
      0xc1 | (this.#tableVersion << 1),
      0,
      0,
      ...body,
    ])
    const crc = crc32Mpeg(section)
    const packet = new Uint8Array(PACKET).fill(0xff)
    packet.set([0x47, 0x40 | (pid >> 8), pid & 0xff, 0x10 | this.#counter(pid), 0])
    packet.set(section, 5)
    packet.set([crc >>> 24, (crc >>> 16) & 255, (crc >>> 8) & 255, crc & 255], 5 + section.length)
    this.#write(packet)
  }

  #counter(pid: number): number {
    const next = this.#counters.get(pid) ?? 0
    this.#counters.set(pid, (next + 1) & 15)
    return next
  }

  /** Cuts a PES packet into transport packets (ISO 13818-1 sections 2.4.3.2 to 2.4.3.7). */
  #pes(
    pid: number,
    streamId: number,
    parts: readonly Uint8Array[],
    length: number,
    pts: Ticks90k,
    dts: Ticks90k,
    randomAccess: boolean,
  ): void {
    const carriesPcr = pid === (this.#video ? VIDEO_PID : AUDIO_PID)
    const header = pesHeader(streamId, length, pts, dts, pid === VIDEO_PID)
    const source = new PartReader([header, ...parts])
    const total = header.length + length
    // The first packet carries an adaptation field with the PCR when this stream holds the program's clock.
    const withPcr = carriesPcr && (randomAccess || dts - this.#lastPcr >= 1_800 || dts < this.#lastPcr)
    if (withPcr) this.#lastPcr = dts
    const firstField = withPcr ? 8 : randomAccess ? 2 : 0
    const packets = total <= 184 - firstField ? 1 : 1 + Math.ceil((total - (184 - firstField)) / 184)
    const out = new Uint8Array(packets * PACKET)
    let left = total
    for (let index = 0; index < packets; index++) {
      const at = index * PACKET
      let field = index === 0 ? firstField : 0
      const room = 184 - field
      if (left < room) field += room - left
      out[at] = 0x47
      out[at + 1] = (index === 0 ? 0x40 : 0) | (pid >> 8)
      out[at + 2] = pid & 0xff
      out[at + 3] = (field > 0 ? 0x30 : 0x10) | this.#counter(pid)
      if (field > 0) {
        out[at + 4] = field - 1
        if (field > 1) {
          const first = index === 0 && firstField > 0
          out[at + 5] = first ? (randomAccess ? 0x40 : 0) | (withPcr ? 0x10 : 0) : 0
          let fill = at + 6
          if (first && withPcr) {
            writePcr(out, fill, dts)
            fill += 6
          }
          out.fill(0xff, fill, at + 4 + field)
        }
      }
      const payload = 184 - field
      source.read(out, at + 4 + field, payload)
      left -= payload
    }
    this.#write(out)
  }
}

type PendingAudio = {
  readonly codec: TsAudio
  readonly parts: Uint8Array[]
  length: number
  count: number
  readonly pts: Ticks90k
  /** Duration of the frames so far. */
  ticks: number
}

/** Reads through several arrays as if they were one. */
class PartReader {
  readonly #parts: readonly Uint8Array[]
  #index = 0
  #at = 0

  constructor(parts: readonly Uint8Array[]) {
    this.#parts = parts
  }

  read(into: Uint8Array, at: number, count: number): void {
    while (count > 0) {
      const part = this.#parts[this.#index]
      if (!part) return
      const take = Math.min(count, part.length - this.#at)
      into.set(part.subarray(this.#at, this.#at + take), at)
      at += take
      count -= take
      this.#at += take
      if (this.#at >= part.length) {
        this.#index++
        this.#at = 0
      }
    }
  }
}

function pesHeader(streamId: number, length: number, pts: Ticks90k, dts: Ticks90k, video: boolean): Uint8Array {
  const both = video && dts !== pts
  const header = new Uint8Array(9 + (both ? 10 : 5))
  const size = length + header.length - 6
  // Length 0 means "until the next start" and is allowed for video only.
  const field = size > 0xffff || video ? 0 : size
  header.set([0, 0, 1, streamId, field >> 8, field & 0xff, 0x84, both ? 0xc0 : 0x80, both ? 10 : 5])
  writeTime(header, 9, both ? 3 : 2, pts)
  if (both) writeTime(header, 14, 1, dts)
  return header
}

function writeTime(out: Uint8Array, at: number, marker: number, ticks: Ticks90k): void {
  const time = wrap33(ticks)
  const high = Math.floor(time / 2 ** 30)
  const low = time % 2 ** 30
  out[at] = (marker << 4) | (high << 1) | 1
  out[at + 1] = (low >> 22) & 0xff
  out[at + 2] = ((low >> 14) & 0xfe) | 1
  out[at + 3] = (low >> 7) & 0xff
  out[at + 4] = ((low << 1) & 0xfe) | 1
}

function writePcr(out: Uint8Array, at: number, dts: Ticks90k): void {
  const base = wrap33(dts - PCR_LEAD)
  const high = Math.floor(base / 2)
  out[at] = (high >>> 24) & 0xff
  out[at + 1] = (high >>> 16) & 0xff
  out[at + 2] = (high >>> 8) & 0xff
  out[at + 3] = high & 0xff
  out[at + 4] = ((base % 2) << 7) | 0x7e
  out[at + 5] = 0
}

/**
 * Writes frames, sorted by decoding time, as one self-contained transport stream. Segments that share counters can be joined
 * without a reader taking the seam for lost packets.
 */
export function muxTs(frames: readonly CodedFrame[], counters?: TsCounters): Uint8Array {
  const chunks: Uint8Array[] = []
  let length = 0
  const codecOf = (kind: 'video' | 'audio') => frames.find((frame) => frame.kind === kind)?.codec
  const video = codecOf('video')
  const audio = codecOf('audio')
  const muxer = new TsMuxer({
    write: (bytes) => {
      chunks.push(bytes)
      length += bytes.length
    },
    video: video === 'h264' || video === 'hevc' ? video : undefined,
    audio: audio === 'aac' || audio === 'mp3' || audio === 'ac3' ? audio : undefined,
    counters,
  })
  for (const frame of frames) muxer.frame(frame)
  muxer.flush()
  const out = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    out.set(chunk, at)
    at += chunk.length
  }
  return out
}
