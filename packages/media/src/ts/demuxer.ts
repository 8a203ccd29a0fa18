import { opusSamples } from '../cmaf/opus.ts'
import { inspectAccessUnit } from '../h264/nal.ts'
import type { CodedFrame, FrameCodec } from '../segment/segment.ts'
import { aacFrameTicks, encodeAudioConfig, readAdts } from './adts.ts'
import { crc32Mpeg } from './crc32.ts'
import { STREAM_TYPE } from './muxer.ts'
import { describesOpus, readOpusUnits } from './opus.ts'
import { unwrap33 } from './time.ts'

const PACKET = 188
const SYNC = 0x47
const SEQUENCE_HEADER = Buffer.from([0, 0, 1, 0xb3])

export type TsDemuxerOptions = {
  readonly frame: (frame: CodedFrame) => void
  /** The largest PES packet that is collected; a larger one is dropped. Default 16 MB. */
  readonly maxPesBytes?: number
}

/** What the demuxer met: a clean stream has zeros in everything that counts damage. */
export type TsCounts = {
  packets: number
  /** Bytes skipped to find a sync byte again. */
  skippedBytes: number
  /** Packets lost or out of order by their continuity counter. */
  continuityErrors: number
  /** PES packets that were dropped: damaged, too large, or without a time. */
  droppedPes: number
  badSections: number
}

type Stream = {
  readonly codec: FrameCodec
  readonly kind: 'video' | 'audio' | 'other'
  chunks: Uint8Array[]
  length: number
  open: boolean
  /** Length of the PES packet where its header tells it, else 0. */
  expected: number
  counter: number
  damaged: boolean
  rest: Uint8Array | undefined
  restPts: number
  config: Uint8Array | undefined
}

/**
 * Reads an MPEG transport stream as it arrives and calls back with coded frames. It never throws: it skips what is damaged,
 * finds the packet grid again after lost bytes, and holds at most one unfinished PES packet a stream.
 */
export class TsDemuxer {
  readonly counts: TsCounts = { packets: 0, skippedBytes: 0, continuityErrors: 0, droppedPes: 0, badSections: 0 }
  readonly #frame: (frame: CodedFrame) => void
  readonly #maxPes: number
  #rest: Uint8Array = new Uint8Array(0)
  #pmtPid = -1
  readonly #streams = new Map<number, Stream>()
  #videoPid = -1
  #audioPid = -1
  /** The time near which the next 33-bit time stamp is unwrapped. */
  #near: number | undefined

  constructor(options: TsDemuxerOptions) {
    this.#frame = options.frame
    this.#maxPes = options.maxPesBytes ?? 16 * 1024 * 1024
  }

  /** The codecs of the streams that the program map announces; undefined before the map was read. */
  get announced(): { readonly video: FrameCodec | undefined; readonly audio: FrameCodec | undefined } | undefined {
    if (this.#streams.size === 0) return undefined
    return { video: this.#streams.get(this.#videoPid)?.codec, audio: this.#streams.get(this.#audioPid)?.codec }
  }

  /** Takes any number of bytes. Frames may refer to copies, never to `data`. */
  push(data: Uint8Array): void {
    let bytes = data
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + data.length)
      bytes.set(this.#rest)
      bytes.set(data, this.#rest.length)
    }
    let at = 0
    while (at + PACKET <= bytes.length) {
      // A sync byte alone may be payload: the next packet's must stand at its place, too, once it is there.
      if (
        bytes[at] !== SYNC ||
        (at + PACKET < bytes.length && bytes[at + PACKET] !== SYNC && !this.#lastOnGrid(bytes, at))
      ) {
        at++
        this.counts.skippedBytes++
        continue
      }
      this.#packet(bytes.subarray(at, at + PACKET))
      at += PACKET
    }
    this.#rest = bytes.slice(at)
  }

  /** Says that the bytes so far end with whole PES packets: what is open is delivered without waiting for the next one. */
  flush(): void {
    for (const stream of this.#streams.values()) this.#finish(stream)
  }

  /** Ends the stream: the PES packets that were still open are delivered. */
  end(): void {
    if (this.#rest.length > 0) this.counts.skippedBytes += this.#rest.length
    this.#rest = new Uint8Array(0)
    this.flush()
  }

  // A damaged sync byte after a good packet: believe the packet when its PID is one that we know.
  #lastOnGrid(bytes: Uint8Array, at: number): boolean {
    const pid = ((bytes[at + 1]! & 0x1f) << 8) | bytes[at + 2]!
    return this.#streams.has(pid) && (bytes[at + 1]! & 0x80) === 0
  }

  #packet(packet: Uint8Array): void {
    this.counts.packets++
    if (packet[1]! & 0x80) return
    const pid = ((packet[1]! & 0x1f) << 8) | packet[2]!
    const start = (packet[1]! & 0x40) !== 0
    const control = (packet[3]! >> 4) & 3
    if (control === 0 || control === 2) return
    let at = 4
    let discontinuity = false
    if (control === 3) {
      const field = packet[4]!
      if (field > 0) discontinuity = (packet[5]! & 0x80) !== 0
      at = 5 + field
    }
    if (at >= PACKET) return
    if (pid === 0) return this.#pat(packet, at, start)
    if (pid === this.#pmtPid) return this.#pmt(packet, at, start)
    const stream = this.#streams.get(pid)
    if (!stream || stream.kind === 'other') return
    if (pid !== this.#videoPid && pid !== this.#audioPid) return
    const counter = packet[3]! & 15
    if (stream.counter >= 0 && !discontinuity) {
      if (counter === stream.counter) {
        // ISO 13818-1 section 2.4.3.3 allows one duplicate of a packet.
        if (!start) return
      } else if (counter !== ((stream.counter + 1) & 15)) {
        this.counts.continuityErrors++
        stream.damaged = true
      }
    }
    stream.counter = counter
    if (start) {
      this.#finish(stream)
      stream.open = true
      stream.damaged = false
      stream.expected = 0
    } else if (!stream.open) return
    stream.chunks.push(packet.slice(at))
    stream.length += PACKET - at
    if (start && stream.length >= 6) {
      const first = stream.chunks[0]!
      const size = (first[4]! << 8) | first[5]!
      if (size > 0 && stream.kind === 'audio') stream.expected = size + 6
    }
    if (stream.length > this.#maxPes) this.#drop(stream)
    else if (stream.expected > 0 && stream.length >= stream.expected) this.#finish(stream)
  }

  #drop(stream: Stream): void {
    this.counts.droppedPes++
    stream.chunks = []
    stream.length = 0
    stream.open = false
  }

  #pat(packet: Uint8Array, at: number, start: boolean): void {
    const section = this.#readSection(packet, at, start, 0x00)
    if (!section) return
    for (let i = 8; i + 4 <= section.length - 4; i += 4) {
      const program = (section[i]! << 8) | section[i + 1]!
      if (program === 0) continue
      this.#pmtPid = ((section[i + 2]! & 0x1f) << 8) | section[i + 3]!
      return
    }
  }

  #pmt(packet: Uint8Array, at: number, start: boolean): void {
    const section = this.#readSection(packet, at, start, 0x02)
    if (!section || section.length < 16) return
    const infoLength = ((section[10]! & 15) << 8) | section[11]!
    let i = 12 + infoLength
    let video = -1
    let audio = -1
    while (i + 5 <= section.length - 4) {
      const type = section[i]!
      const pid = ((section[i + 1]! & 0x1f) << 8) | section[i + 2]!
      const length = ((section[i + 3]! & 15) << 8) | section[i + 4]!
      const [kind, codec] = streamKind(type, section.subarray(i + 5, Math.min(i + 5 + length, section.length - 4)))
      i += 5 + length
      if (kind === 'video' && video < 0) video = pid
      if (kind === 'audio' && audio < 0) audio = pid
      const known = this.#streams.get(pid)
      if (known && known.codec === codec) continue
      if (known) this.#finish(known)
      if (this.#streams.size >= 64 && !known) continue
      this.#streams.set(pid, {
        codec,
        kind,
        chunks: [],
        length: 0,
        open: false,
        expected: 0,
        counter: -1,
        damaged: false,
        rest: undefined,
        restPts: 0,
        config: undefined,
      })
    }
    this.#videoPid = video
    this.#audioPid = audio
  }

  #readSection(packet: Uint8Array, at: number, start: boolean, tableId: number): Uint8Array | undefined {
    if (!start) return undefined
    const from = at + 1 + packet[at]!
    if (from + 8 > PACKET || packet[from] !== tableId) return undefined
    const length = ((packet[from + 1]! & 15) << 8) | packet[from + 2]!
    const section = packet.subarray(from, from + 3 + length)
    // Tables of one program fit into one packet; longer ones are not ours to read.
    if (section.length < 3 + length || length < 9 || crc32Mpeg(section) !== 0) {
      this.counts.badSections++
      return undefined
    }
    return section
  }

  /** Reads the PES packet that is complete now (ISO 13818-1 section 2.4.3.6). */
  #finish(stream: Stream): void {
    if (!stream.open) return
    stream.open = false
    let data: Uint8Array = stream.chunks.length === 1 ? stream.chunks[0]! : joined(stream.chunks, stream.length)
    stream.chunks = []
    stream.length = 0
    if (stream.expected > 0 && data.length > stream.expected) data = data.subarray(0, stream.expected)
    if (data.length < 9 || data[0] !== 0 || data[1] !== 0 || data[2] !== 1 || (data[6]! & 0xc0) !== 0x80) {
      this.counts.droppedPes++
      return
    }
    const flags = data[7]! >> 6
    const headerEnd = 9 + data[8]!
    const needed = flags === 3 ? 19 : flags === 2 ? 14 : 9
    if (headerEnd > data.length || data.length < needed) {
      this.counts.droppedPes++
      return
    }
    const pts = flags >= 2 ? this.#time(readTime(data, 9)) : undefined
    const dts = flags === 3 ? unwrap33(readTime(data, 14), pts ?? 0) : pts
    const payload = data.subarray(headerEnd)
    if (payload.length === 0) return
    if (dts !== undefined) this.#near = dts
    if (stream.kind === 'video') this.#video(stream, payload, pts, dts)
    else this.#audio(stream, payload, pts)
  }

  #time(ticks: number): number {
    if (this.#near === undefined) return ticks
    return unwrap33(ticks, this.#near)
  }

  #video(stream: Stream, data: Uint8Array, pts: number | undefined, dts: number | undefined): void {
    if (pts === undefined || dts === undefined) {
      // A picture may be spread over several PES packets, and only the first carries a time.
      this.counts.droppedPes++
      return
    }
    const { codec } = stream
    const keyFrame = codec === 'h264' || codec === 'hevc' ? inspectAccessUnit(data, codec).key : hasSequenceHeader(data)
    this.#frame({ kind: 'video', codec, pts, dts, keyFrame, data })
  }

  #audio(stream: Stream, payload: Uint8Array, pts: number | undefined): void {
    if (stream.codec !== 'aac') {
      if (pts === undefined) this.counts.droppedPes++
      else if (stream.codec === 'opus') this.#opus(payload, pts)
      else this.#frame({ kind: 'audio', codec: stream.codec, pts, dts: pts, keyFrame: true, data: payload })
      return
    }
    let data = payload
    let time = pts ?? stream.restPts
    let restEnds = 0
    if (stream.rest && !stream.damaged) {
      data = joined([stream.rest, payload], stream.rest.length + payload.length)
      restEnds = stream.rest.length
      time = stream.restPts
    }
    stream.rest = undefined
    let ptsUsed = restEnds === 0
    let at = 0
    let offset = 0
    while (at < data.length) {
      const frame = readAdts(data, at)
      if (!frame) {
        if (at + 7 > data.length && data[at] === 0xff) break
        at++
        continue
      }
      if (frame.end > data.length) break
      // The PES packet's time belongs to the first frame that begins in it.
      if (!ptsUsed && at >= restEnds) {
        if (pts !== undefined) {
          time = pts
          offset = 0
        }
        ptsUsed = true
      }
      const config = encodeAudioConfig(frame.config)
      if (!stream.config || stream.config[0] !== config[0] || stream.config[1] !== config[1]) stream.config = config
      const when = Math.round(time + offset)
      this.#frame({
        kind: 'audio',
        codec: 'aac',
        pts: when,
        dts: when,
        keyFrame: true,
        data: data.slice(frame.start, frame.end),
        config: stream.config,
      })
      offset += aacFrameTicks(frame.config)
      at = frame.end
    }
    if (at < data.length && data.length - at < 8192) {
      stream.rest = data.slice(at)
      stream.restPts = Math.round(ptsUsed || pts === undefined ? time + offset : pts)
    } else stream.restPts = Math.round(time + offset)
  }

  #opus(payload: Uint8Array, pts: number): void {
    const units = readOpusUnits(payload)
    if (units.length === 0) this.counts.droppedPes++
    let samples = 0
    for (const data of units) {
      const when = Math.round(pts + (samples * 90) / 48)
      this.#frame({ kind: 'audio', codec: 'opus', pts: when, dts: when, keyFrame: true, data })
      samples += opusSamples(data)
    }
  }
}

function streamKind(type: number, descriptors: Uint8Array): ['video' | 'audio' | 'other', FrameCodec] {
  switch (type) {
    case STREAM_TYPE.h264:
      return ['video', 'h264']
    case STREAM_TYPE.hevc:
      return ['video', 'hevc']
    case 0x01:
    case 0x02:
      return ['video', 'mpeg2']
    case STREAM_TYPE.aac:
      return ['audio', 'aac']
    case STREAM_TYPE.mp3:
    case 0x04:
      return ['audio', 'mp3']
    case STREAM_TYPE.ac3:
      return ['audio', 'ac3']
    case STREAM_TYPE.opus:
      return describesOpus(descriptors) ? ['audio', 'opus'] : ['other', 'data']
    default:
      return ['other', 'data']
  }
}

/** Decoding of MPEG-2 can start where one stands (ISO 13818-2 section 6.2.2.1). */
const hasSequenceHeader = (data: Uint8Array): boolean =>
  Buffer.from(data.buffer, data.byteOffset, data.length).includes(SEQUENCE_HEADER)

function readTime(data: Uint8Array, at: number): number {
  const high = (data[at]! >> 1) & 7
  const low = (data[at + 1]! << 22) | ((data[at + 2]! & 0xfe) << 14) | (data[at + 3]! << 7) | (data[at + 4]! >> 1)
  return high * 2 ** 30 + (low >>> 0)
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const out = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    out.set(chunk, at)
    at += chunk.length
  }
  return out
}

/** All frames of a transport stream that is there as a whole, with what was damaged. */
export function demuxTs(data: Uint8Array): {
  readonly frames: CodedFrame[]
  readonly counts: TsCounts
  readonly announced: TsDemuxer['announced']
} {
  const frames: CodedFrame[] = []
  const demuxer = new TsDemuxer({ frame: (frame) => frames.push(frame) })
  demuxer.push(data)
  demuxer.end()
  return { frames, counts: demuxer.counts, announced: demuxer.announced }
}
