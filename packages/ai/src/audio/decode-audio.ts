import { type Av, avError } from '@millrace/media/process'
import type { ChannelLayout, CodecContext, FormatContext, Frame, SoftwareResampleContext, Stream } from 'node-av/lib'
import { AiError } from '../ai-error.ts'

/** What a recogniser of speech listens to. */
export const SPEECH_RATE = 16_000

/** Containers that may hold sound; FFmpeg would otherwise also follow lists of files. */
const FORMATS =
  'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,flv,avi,mpeg,asf,ogg,wav,w64,aiff,caf,mp3,aac,ac3,eac3,flac,amr,au'

const AVSEEK_SIZE = 0x10000

export type DecodeOptions = {
  /** A longer recording is refused as soon as it shows that it is. */
  readonly maxSeconds: number
  /** Gets mono samples of 16 kHz in order, where given. */
  readonly onSamples?: (samples: Int16Array) => void
}

/**
 * Decodes the first sound of a file of any container that FFmpeg reads, and counts how long it is, in milliseconds: what its header
 * says is not believed. Only child processes call this. Throws `ai_bad_request`.
 */
export function decodeAudio(av: Av, bytes: Uint8Array, options: DecodeOptions): number {
  const { format, close } = open(av, bytes)
  try {
    const stream = format.streams.find(
      ({ codecpar }) => codecpar.codecType === av.constants.AVMEDIA_TYPE_AUDIO && codecpar.sampleRate > 0,
    )
    if (!stream) throw noAudio('there is no sound in it')
    return decodeStream(av, format, stream, options)
  } finally {
    close()
  }
}

function decodeStream(av: Av, format: FormatContext, stream: Stream, { maxSeconds, onSamples }: DecodeOptions): number {
  const decoder = openDecoder(av, stream)
  const packet = new av.Packet()
  packet.alloc()
  const frame = new av.Frame()
  frame.alloc()
  const resampler = onSamples && new Resampler(av, onSamples)
  let seconds = 0
  const receive = () => {
    while (decoder.receiveFrameSync(frame) >= 0) {
      if (frame.sampleRate > 0) seconds += frame.nbSamples / frame.sampleRate
      if (seconds > maxSeconds) throw tooLong(maxSeconds)
      resampler?.push(frame)
      frame.unref()
    }
  }
  try {
    while (format.readFrameSync(packet) >= 0) {
      if (packet.streamIndex === stream.index) {
        decoder.sendPacketSync(packet)
        receive()
      }
      packet.unref()
    }
    decoder.sendPacketSync(null)
    receive()
    resampler?.flush()
  } finally {
    resampler?.free()
    frame.free()
    packet.free()
    decoder.freeContext()
  }
  if (seconds === 0) throw noAudio('none of its sound can be decoded')
  return Math.round(seconds * 1_000)
}

function openDecoder(av: Av, { codecpar, timeBase }: Stream): CodecContext {
  const codec = av.Codec.findDecoder(codecpar.codecId)
  if (!codec) throw noAudio('its codec is not known')
  const context = new av.CodecContext()
  context.allocContext3(codec)
  context.parametersToContext(codecpar)
  // Without it decoders do not know which samples at the start are only run-in.
  context.pktTimebase = timeBase
  const opened = context.open2Sync(codec, null)
  if (opened < 0) {
    context.freeContext()
    throw noAudio(`its decoder does not open: ${avError(opened)}`)
  }
  return context
}

function open(av: Av, data: Uint8Array): { readonly format: FormatContext; readonly close: () => void } {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const io = new av.IOContext()
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
      const from = Number(whence) === 1 ? at : Number(whence) === 2 ? bytes.length : 0
      at = Math.max(0, Math.min(bytes.length, Number(offset) + from))
      return BigInt(at)
    },
  )
  const format = new av.FormatContext()
  format.allocContext()
  format.pb = io
  // What is inside must not make FFmpeg open anything else.
  const rules = av.Dictionary.fromObject({ format_whitelist: FORMATS, protocol_whitelist: 'none' })
  const opened = format.openInputSync('', null, rules)
  const found = opened < 0 ? opened : format.findStreamInfoSync(null)
  const close = () => {
    format.closeInputSync()
    io.freeContext()
  }
  if (found < 0) {
    close()
    throw noAudio(avError(found))
  }
  return { format, close }
}

/** Makes mono samples of 16 kHz of frames whose shape may change on the way. */
class Resampler {
  readonly #av: Av
  readonly #onSamples: (samples: Int16Array) => void
  #context: SoftwareResampleContext | undefined
  #shape = ''

  constructor(av: Av, onSamples: (samples: Int16Array) => void) {
    this.#av = av
    this.#onSamples = onSamples
  }

  push(frame: Frame): void {
    const { SoftwareResampleContext, constants: c } = this.#av
    frame.channelLayout = this.#layoutOf(frame)
    const shape = `${frame.sampleRate} ${frame.format} ${frame.channelLayout.nbChannels}`
    if (shape !== this.#shape) {
      this.flush()
      this.free()
      this.#shape = shape
      this.#context = new SoftwareResampleContext()
      this.#context.allocSetOpts2(
        c.AV_CHANNEL_LAYOUT_MONO,
        c.AV_SAMPLE_FMT_S16,
        SPEECH_RATE,
        frame.channelLayout,
        frame.format as typeof c.AV_SAMPLE_FMT_S16,
        frame.sampleRate,
      )
      this.#context.init()
    }
    this.#convert(frame)
  }

  /** Gives out what the filter still holds. */
  flush(): void {
    if (this.#context) this.#convert(null)
  }

  free(): void {
    this.#context?.free()
    this.#context = undefined
  }

  /** WAV files say how many channels they have, but not which. */
  #layoutOf({ channelLayout }: Frame): ChannelLayout {
    const { AV_CHANNEL_LAYOUT_MONO, AV_CHANNEL_LAYOUT_STEREO, AV_CHANNEL_ORDER_NATIVE } = this.#av.constants
    const { order, nbChannels } = channelLayout
    if (order === AV_CHANNEL_ORDER_NATIVE) return channelLayout
    if (nbChannels === 1) return AV_CHANNEL_LAYOUT_MONO
    if (nbChannels === 2) return AV_CHANNEL_LAYOUT_STEREO
    return { order: AV_CHANNEL_ORDER_NATIVE, nbChannels, mask: (1n << BigInt(nbChannels)) - 1n }
  }

  #convert(frame: Frame | null): void {
    const { Frame, constants: c } = this.#av
    const out = new Frame()
    out.alloc()
    out.format = c.AV_SAMPLE_FMT_S16
    out.channelLayout = c.AV_CHANNEL_LAYOUT_MONO
    out.sampleRate = SPEECH_RATE
    const converted = this.#context!.convertFrame(out, frame)
    const plane = out.data?.[0]
    const samples = plane && new Int16Array(Uint8Array.from(plane.subarray(0, out.nbSamples * 2)).buffer)
    out.free()
    if (converted < 0) throw noAudio(`its sound cannot be converted: ${avError(converted)}`)
    if (samples && samples.length > 0) this.#onSamples(samples)
  }
}

const noAudio = (why: string) =>
  new AiError(
    'ai_bad_request',
    `audio is not a recording that can be read: ${why}. Send WAV, MP3, AAC, Ogg, FLAC or the like`,
  )

const tooLong = (seconds: number) =>
  new AiError('ai_bad_request', `audio is longer than ${Math.round(seconds / 60)} minutes: send it in pieces`)
