import { MillraceError } from '@millrace/base'
import type { CodecContext } from 'node-av/lib'
import { type Av, avError } from '../process/av.ts'
import type { SoundFrame } from './audio-messages.ts'
import type { Samples } from './sound-decoder.ts'

/** Encodes sound as Opus in stereo at 48 kHz, 20 ms a packet, as WebRTC clients take it (RFC 7587). */
export class OpusEncoder {
  /** Samples that one call of `encode` takes. */
  static readonly frameSamples = 960
  readonly #av: Av
  readonly #context: CodecContext
  readonly #origin: number
  #samples = 0

  /** Time stamps count from `origin` (90 kHz ticks). */
  constructor(av: Av, options: { readonly bitrateBps: number; readonly origin: number }) {
    const { Codec, CodecContext, Rational, constants: c } = av
    this.#av = av
    this.#origin = options.origin
    const codec = Codec.findEncoderByName(c.FF_ENCODER_LIBOPUS)
    if (!codec) throw new MillraceError('no_media_engine', 'this build of FFmpeg has no Opus encoder')
    const context = new CodecContext()
    context.allocContext3(codec)
    context.sampleRate = 48_000
    context.sampleFormat = c.AV_SAMPLE_FMT_FLT
    context.channelLayout = c.AV_CHANNEL_LAYOUT_STEREO
    context.timeBase = new Rational(1, 48_000)
    context.bitRate = BigInt(options.bitrateBps)
    context.setOption('application', 'lowdelay')
    context.setOption('frame_duration', '20')
    context.setOption('fec', '1')
    context.setOption('packet_loss', '5')
    const opened = context.open2Sync(codec, null)
    if (opened < 0) throw new MillraceError('encode_failed', `the Opus encoder does not open: ${avError(opened)}`)
    this.#context = context
  }

  encode({ left, right }: Samples): SoundFrame[] {
    const { Frame, Packet, constants: c } = this.#av
    const both = new Float32Array(left.length * 2)
    for (let i = 0; i < left.length; i++) {
      both[2 * i] = left[i]!
      both[2 * i + 1] = right[i]!
    }
    const frame = Frame.fromAudioBuffer(Buffer.from(both.buffer), {
      nbSamples: left.length,
      format: c.AV_SAMPLE_FMT_FLT,
      sampleRate: 48_000,
      channelLayout: c.AV_CHANNEL_LAYOUT_STEREO,
      pts: BigInt(this.#samples),
    })
    this.#samples += left.length
    const sent = this.#context.sendFrameSync(frame)
    frame.free()
    if (sent < 0) throw new MillraceError('encode_failed', `the Opus encoder refused a frame: ${avError(sent)}`)
    const out: SoundFrame[] = []
    const packet = new Packet()
    packet.alloc()
    while (this.#context.receivePacketSync(packet) >= 0) {
      const pts = this.#origin + Math.round((Number(packet.pts) * 90_000) / 48_000)
      out.push({ pts, data: Uint8Array.from(packet.data!) })
      packet.unref()
    }
    packet.free()
    return out
  }

  close(): void {
    this.#context.freeContext()
  }
}
