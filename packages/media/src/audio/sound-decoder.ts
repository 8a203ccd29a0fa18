import { MillraceError } from '@millrace/base'
import type { CodecContext, Frame, Packet, SoftwareResampleContext } from 'node-av/lib'
import { type Av, avError } from '../process/av.ts'
import type { SoundFrame } from './audio-messages.ts'

const RATE = 48_000

/** Sound as samples of two channels at 48 kHz. */
export type Samples = { readonly left: Float32Array; readonly right: Float32Array }

/** Decodes AAC or Opus to stereo at 48 kHz. A damaged frame gives no samples. */
export class SoundDecoder {
  readonly #av: Av
  readonly #codec: 'aac' | 'opus'
  readonly #frame: Frame
  readonly #packet: Packet
  #context: CodecContext | undefined
  #config: Uint8Array | undefined
  #resampler: SoftwareResampleContext | undefined
  #shape = ''

  constructor(av: Av, codec: 'aac' | 'opus') {
    this.#av = av
    this.#codec = codec
    this.#frame = new av.Frame()
    this.#frame.alloc()
    this.#packet = new av.Packet()
    this.#packet.alloc()
  }

  decode(frame: SoundFrame): Samples[] {
    const context = this.#open(frame.config)
    this.#packet.data = Buffer.from(frame.data)
    const sent = context.sendPacketSync(this.#packet)
    this.#packet.unref()
    if (sent < 0) return []
    const out: Samples[] = []
    while (context.receiveFrameSync(this.#frame) >= 0) {
      const samples = this.#resample(this.#frame)
      if (samples) out.push(samples)
      this.#frame.unref()
    }
    return out
  }

  close(): void {
    this.#context?.freeContext()
    this.#resampler?.free()
    this.#frame.free()
    this.#packet.free()
  }

  #open(config: Uint8Array | undefined): CodecContext {
    if (this.#context && same(config, this.#config)) return this.#context
    this.#context?.freeContext()
    const { Codec, CodecContext, constants: c } = this.#av
    const codec = Codec.findDecoder(this.#codec === 'aac' ? c.AV_CODEC_ID_AAC : c.AV_CODEC_ID_OPUS)
    const context = new CodecContext()
    context.allocContext3(codec)
    if (this.#codec === 'opus') {
      context.sampleRate = RATE
      context.channelLayout = c.AV_CHANNEL_LAYOUT_STEREO
    }
    if (config) context.extraData = Buffer.from(config)
    const opened = codec ? context.open2Sync(codec, null) : -22
    if (opened < 0) throw new MillraceError('unsupported_codec', `the sound cannot be decoded: ${avError(opened)}`)
    this.#context = context
    this.#config = config
    return context
  }

  #resample(frame: Frame): Samples | undefined {
    const { Frame, SoftwareResampleContext, constants: c } = this.#av
    const shape = `${frame.sampleRate} ${frame.format} ${frame.channelLayout.nbChannels}`
    if (shape !== this.#shape) {
      this.#shape = shape
      this.#resampler?.free()
      this.#resampler = new SoftwareResampleContext()
      this.#resampler.allocSetOpts2(
        c.AV_CHANNEL_LAYOUT_STEREO,
        c.AV_SAMPLE_FMT_FLTP,
        RATE,
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
    out.sampleRate = RATE
    const converted = this.#resampler!.convertFrame(out, frame)
    const samples =
      converted >= 0 && out.data && out.nbSamples > 0
        ? { left: floats(out.data[0]!, out.nbSamples), right: floats(out.data[1]!, out.nbSamples) }
        : undefined
    out.free()
    return samples
  }
}

const floats = (plane: Buffer, samples: number): Float32Array =>
  new Float32Array(Uint8Array.from(plane.subarray(0, samples * 4)).buffer)

const same = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && a.length === b.length && a.every((byte, i) => byte === b[i]))
