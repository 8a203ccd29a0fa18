import type { AVCodecID } from 'node-av/constants'
import type { CodecContext, Frame, Packet, SoftwareResampleContext } from 'node-av/lib'
import { type Av, avError } from '../process/av.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { decodeAudioConfig, encodeAudioConfig, readAdts } from '../ts/adts.ts'
import { SourceAudioEncoder } from './av-encoder.ts'
import type { SourceTrack } from './source-track.ts'

const NOPTS = -9223372036854775808n
const TIME = { num: 1, den: 90_000 }

/** Turns the packets of a file's audio stream into AAC frames: copied when they are AAC, else decoded and encoded. */
export class AudioReader {
  readonly index: number
  readonly about: string
  readonly #av: Av
  readonly #stream: SourceTrack
  readonly #copies: boolean
  #config: Uint8Array | undefined
  #transcoder: AudioTranscoder | undefined

  constructor(av: Av, stream: SourceTrack) {
    this.#av = av
    this.#stream = stream
    this.index = stream.index
    const { codecpar } = stream
    const { extradata } = codecpar
    this.#config = extradata && decodeAudioConfig(extradata) ? Uint8Array.from(extradata) : undefined
    const aac = codecpar.codecId === av.constants.AV_CODEC_ID_AAC
    // Without extradata AAC comes with ADTS headers (transport streams); other packings are encoded anew.
    this.#copies = aac && (this.#config !== undefined || !extradata)
    const codec = av.avGetCodecName(codecpar.codecId) ?? 'unknown'
    this.about = `${codec} ${codecpar.sampleRate} Hz${this.#copies ? '' : ' made into aac'}`
  }

  read(packet: Packet): CodedFrame[] {
    packet.rescaleTs(this.#stream.timeBase, TIME)
    if (!this.#copies) {
      this.#transcoder ??= new AudioTranscoder(this.#av, this.#stream)
      return this.#transcoder.read(packet)
    }
    if (packet.pts === NOPTS && packet.dts === NOPTS) return []
    const pts = Number(packet.pts === NOPTS ? packet.dts : packet.pts)
    let data = Uint8Array.from(packet.data!)
    if (this.#stream.codecpar.extradataSize === 0) {
      const header = readAdts(data, 0)
      if (!header) return []
      data = data.slice(header.start, header.end)
      const config = encodeAudioConfig(header.config)
      if (this.#config?.[0] !== config[0] || this.#config?.[1] !== config[1]) this.#config = config
    }
    if (!this.#config) return []
    return [{ kind: 'audio', codec: 'aac', pts, dts: pts, keyFrame: true, data, config: this.#config }]
  }

  drain(): CodedFrame[] {
    return this.#transcoder?.drain() ?? []
  }

  close(): void {
    this.#transcoder?.close()
  }
}

/** Decodes, resamples to 48 kHz stereo and encodes. */
class AudioTranscoder {
  readonly #av: Av
  readonly #decoder: CodecContext
  readonly #frame: Frame
  #resampler: SoftwareResampleContext | undefined
  /** What the resampler was made for; sound may change in the middle of a stream. */
  #form = ''
  #encoder: SourceAudioEncoder | undefined
  /** Samples of both channels that do not yet fill an AAC frame. */
  #left = new Float32Array(0)
  #right = new Float32Array(0)

  constructor(av: Av, stream: SourceTrack) {
    this.#av = av
    const codec = av.Codec.findDecoder(stream.codecpar.codecId as AVCodecID)
    this.#decoder = new av.CodecContext()
    this.#decoder.allocContext3(codec)
    stream.codecpar.toContext(this.#decoder)
    this.#decoder.pktTimebase = new av.Rational(TIME.num, TIME.den)
    const opened = codec ? this.#decoder.open2Sync(codec, null) : -22
    if (opened < 0) throw new Error(`the sound cannot be decoded: ${avError(opened)}`)
    this.#frame = new av.Frame()
    this.#frame.alloc()
  }

  read(packet: Packet | null): CodedFrame[] {
    const out: CodedFrame[] = []
    this.#decoder.sendPacketSync(packet)
    while (this.#decoder.receiveFrameSync(this.#frame) >= 0) {
      const pts = Number(this.#frame.bestEffortTimestamp)
      this.#encoder ??= new SourceAudioEncoder(this.#av, {
        bitrateBps: 128_000,
        origin: Number.isFinite(pts) ? pts : 0,
      })
      this.#append(this.#frame)
      this.#frame.unref()
      out.push(...this.#encode(this.#encoder))
    }
    return out
  }

  drain(): CodedFrame[] {
    const out = this.read(null)
    if (this.#encoder) out.push(...this.#encoder.encodeFrame(null))
    return out
  }

  close(): void {
    this.#decoder.freeContext()
    this.#frame.free()
    this.#resampler?.free()
    this.#encoder?.close()
  }

  #append(frame: Frame): void {
    const { Frame, SoftwareResampleContext, constants: c } = this.#av
    // Some containers tell how many channels there are, and not which.
    if (frame.channelLayout.order === 0)
      frame.channelLayout = this.#av.avChannelLayoutDefault(frame.channelLayout.nbChannels)
    const form = `${frame.sampleRate} ${frame.format} ${frame.channelLayout.nbChannels} ${frame.channelLayout.mask}`
    if (!this.#resampler || form !== this.#form) {
      this.#form = form
      this.#resampler?.free()
      this.#resampler = new SoftwareResampleContext()
      this.#resampler.allocSetOpts2(
        c.AV_CHANNEL_LAYOUT_STEREO,
        c.AV_SAMPLE_FMT_FLTP,
        SourceAudioEncoder.rate,
        frame.channelLayout,
        frame.format as typeof c.AV_SAMPLE_FMT_FLTP,
        frame.sampleRate,
      )
      this.#resampler.init()
    }
    const out = new Frame()
    out.alloc()
    out.format = c.AV_SAMPLE_FMT_FLTP
    out.channelLayout = c.AV_CHANNEL_LAYOUT_STEREO
    out.sampleRate = SourceAudioEncoder.rate
    if (this.#resampler.convertFrame(out, frame) >= 0 && out.data && out.nbSamples > 0) {
      this.#left = append(this.#left, out.data[0]!, out.nbSamples)
      this.#right = append(this.#right, out.data[1]!, out.nbSamples)
    }
    out.free()
  }

  #encode(encoder: SourceAudioEncoder): CodedFrame[] {
    const size = SourceAudioEncoder.frameSamples
    const out: CodedFrame[] = []
    let at = 0
    for (; at + size <= this.#left.length; at += size)
      out.push(...encoder.encode(this.#left.slice(at, at + size), this.#right.slice(at, at + size)))
    this.#left = this.#left.slice(at)
    this.#right = this.#right.slice(at)
    return out
  }
}

function append(before: Float32Array, plane: Buffer, samples: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(before.length + samples)
  out.set(before)
  const bytes = Uint8Array.from(plane.subarray(0, samples * 4))
  out.set(new Float32Array(bytes.buffer), before.length)
  return out
}
