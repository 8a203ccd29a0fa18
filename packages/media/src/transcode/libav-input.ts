import { MillraceError } from '@millrace/base'
import { type Av, avError } from '../process/av.ts'
import type { CodedFrame } from '../segment/segment.ts'
import type { DemuxedInput } from './input.ts'

/** One coded picture with its time. */
export type AvPacket = Pick<CodedFrame, 'data' | 'pts' | 'dts' | 'keyFrame'>

const AVSEEK_SIZE = 0x10000
const NOPTS = -9223372036854775808n
/** LPMS refuses longer inputs. */
const MAX_SECONDS = 300

/** Reads a segment that is in memory with libavformat; throws `unsupported_input`. */
export function readWithLibav(av: Av, data: Uint8Array, container: 'mpegts' | 'mp4'): DemuxedInput {
  const { constants: c } = av
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const io = new av.IOContext()
  const format = new av.FormatContext()
  let at = 0
  io.allocContextWithCallbacks(
    65_536,
    0,
    (size) => {
      if (at >= bytes.length) return null
      const piece = bytes.subarray(at, at + size)
      at += piece.length
      return piece
    },
    null,
    (offset, whence) => {
      if (Number(whence) === AVSEEK_SIZE) return BigInt(bytes.length)
      at = Math.max(
        0,
        Math.min(bytes.length, Number(offset) + (Number(whence) === 1 ? at : Number(whence) === 2 ? bytes.length : 0)),
      )
      return BigInt(at)
    },
  )
  const packet = new av.Packet()
  packet.alloc()
  try {
    format.allocContext()
    format.pb = io
    const opened = format.openInputSync('', container === 'mp4' ? av.InputFormat.findInputFormat('mov') : null, null)
    if (opened < 0) throw unreadable(avError(opened))
    const found = format.findStreamInfoSync(null)
    if (found < 0) throw unreadable(avError(found))
    if (format.duration > BigInt(MAX_SECONDS) * 1_000_000n)
      throw new MillraceError('unsupported_input', `the segment is longer than ${MAX_SECONDS} seconds`)
    const streams = format.streams
    const video = streams.find((s) => s.codecpar.codecType === c.AVMEDIA_TYPE_VIDEO && s.codecpar.width > 0)
    const audio = streams.find((s) => s.codecpar.codecType === c.AVMEDIA_TYPE_AUDIO && s.codecpar.sampleRate > 0)
    const pictures: AvPacket[] = []
    const sound: CodedFrame[] = []
    const config = audio?.codecpar.extradata ? Uint8Array.from(audio.codecpar.extradata) : undefined
    const takesAudio = audio?.codecpar.codecId === c.AV_CODEC_ID_AAC && config !== undefined
    for (;;) {
      const read = format.readFrameSync(packet)
      if (read < 0) break
      const stream =
        packet.streamIndex === video?.index ? video : packet.streamIndex === audio?.index ? audio : undefined
      const content = packet.data
      if (stream && content) {
        packet.rescaleTs(stream.timeBase, { num: 1, den: 90_000 })
        const pts = packet.pts === NOPTS ? packet.dts : packet.pts
        const dts = packet.dts === NOPTS ? pts : packet.dts
        if (pts !== NOPTS) {
          const times = {
            pts: Number(pts),
            dts: Number(dts),
            data: Uint8Array.from(content),
            keyFrame: packet.isKeyframe,
          }
          if (stream === video) pictures.push(times)
          else if (takesAudio && config) sound.push({ kind: 'audio', codec: 'aac', ...times, config })
        }
      }
      packet.unref()
    }
    return {
      codecId: video?.codecpar.codecId ?? 0,
      extradata: video?.codecpar.extradata ? Uint8Array.from(video.codecpar.extradata) : undefined,
      video: pictures,
      audio: sound,
    }
  } finally {
    packet.free()
    // The io stays with the context until that is closed: a context without io and without streams, as nonsense gives one, is
    // freed in a way that breaks the process.
    format.closeInputSync()
    io.freeContext()
  }
}

const unreadable = (why: string) => new MillraceError('unsupported_input', `the segment cannot be read: ${why}`)
