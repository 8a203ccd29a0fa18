import { MillraceError } from '@millrace/base'
import type { CodecContext, Frame } from 'node-av/lib'
import { inspectAccessUnit } from '../h264/nal.ts'
import { type Av, avError } from '../process/av.ts'
import type { CodedFrame } from '../segment/segment.ts'

export type SourceVideoOptions = {
  readonly width: number
  readonly height: number
  readonly fps: number
  readonly bitrateBps: number
  readonly preset: string
  readonly gopFrames: number
}

/** Encodes pictures as a well-behaved camera does: H.264 without B-frames, a key frame each group, nothing held back. */
export class SourceVideoEncoder {
  readonly #av: Av
  readonly #context: CodecContext
  readonly #options: SourceVideoOptions

  constructor(av: Av, options: SourceVideoOptions) {
    const { Codec, CodecContext, Rational, constants: c } = av
    this.#av = av
    this.#options = options
    const codec = Codec.findEncoderByName(c.FF_ENCODER_LIBX264)
    if (!codec) throw new MillraceError('no_media_engine', 'this build of FFmpeg has no libx264')
    const context = new CodecContext()
    context.allocContext3(codec)
    context.width = options.width
    context.height = options.height
    context.pixelFormat = c.AV_PIX_FMT_YUV420P
    context.timeBase = new Rational(1, 90_000)
    context.framerate = new Rational(Math.round(options.fps * 1_000), 1_000)
    context.bitRate = BigInt(options.bitrateBps)
    context.rcMaxRate = BigInt(options.bitrateBps)
    context.rcBufferSize = options.bitrateBps
    context.gopSize = options.gopFrames
    context.maxBFrames = 0
    context.threadCount = 1
    context.setOption('preset', options.preset)
    context.setOption('tune', 'zerolatency')
    context.setOption('profile', options.preset === 'ultrafast' ? 'baseline' : 'high')
    context.setOption('forced-idr', '1')
    context.setOption('sc_threshold', '0')
    const opened = context.open2Sync(codec, null)
    if (opened < 0) throw new MillraceError('encode_failed', `the encoder does not open: ${avError(opened)}`)
    this.#context = context
  }

  /** The size that every picture must have. */
  get size(): { readonly width: number; readonly height: number } {
    return this.#options
  }

  /** Encodes raw pictures of planar YUV 4:2:0. */
  encode(picture: Buffer, pts: number, key: boolean): CodedFrame[] {
    const { width, height } = this.#options
    const { Frame, constants: c } = this.#av
    const frame = Frame.fromVideoBuffer(picture, { width, height, format: c.AV_PIX_FMT_YUV420P, pts: BigInt(pts) })
    frame.pictType = key ? c.AV_PICTURE_TYPE_I : c.AV_PICTURE_TYPE_NONE
    const frames = this.encodeFrame(frame)
    frame.free()
    return frames
  }

  /** Encodes a frame of FFmpeg's, or drains with null. */
  encodeFrame(frame: Frame | null): CodedFrame[] {
    const sent = this.#context.sendFrameSync(frame)
    if (sent < 0 && frame) throw new MillraceError('encode_failed', `the encoder refused a frame: ${avError(sent)}`)
    const frames: CodedFrame[] = []
    const packet = new this.#av.Packet()
    packet.alloc()
    while (this.#context.receivePacketSync(packet) >= 0) {
      const data = Uint8Array.from(packet.data!)
      const { key } = inspectAccessUnit(data, 'h264')
      frames.push({
        kind: 'video',
        codec: 'h264',
        pts: Number(packet.pts),
        dts: Number(packet.dts),
        keyFrame: key,
        data,
      })
      packet.unref()
    }
    packet.free()
    return frames
  }

  close(): void {
    this.#context.freeContext()
  }
}

/** Encodes sound as AAC in stereo at 48 kHz. */
export class SourceAudioEncoder {
  static readonly rate = 48_000
  /** Samples that one call of `encode` takes. */
  static readonly frameSamples = 1_024
  readonly #av: Av
  readonly #context: CodecContext
  readonly #config: Uint8Array
  #samples = 0
  readonly #origin: number

  /** Time stamps count from `origin` (90 kHz ticks). */
  constructor(av: Av, options: { readonly bitrateBps: number; readonly origin: number }) {
    const { Codec, CodecContext, Rational, constants: c } = av
    this.#av = av
    this.#origin = options.origin
    const codec = Codec.findEncoderByName(c.FF_ENCODER_AAC)
    if (!codec) throw new MillraceError('no_media_engine', 'this build of FFmpeg has no AAC encoder')
    const context = new CodecContext()
    context.allocContext3(codec)
    context.sampleRate = SourceAudioEncoder.rate
    context.sampleFormat = c.AV_SAMPLE_FMT_FLTP
    context.channelLayout = c.AV_CHANNEL_LAYOUT_STEREO
    context.timeBase = new Rational(1, SourceAudioEncoder.rate)
    context.bitRate = BigInt(options.bitrateBps)
    context.setFlags(c.AV_CODEC_FLAG_GLOBAL_HEADER)
    // The thorough search for quantisers costs three times as much and is not heard at this rate.
    context.setOption('aac_coder', 'fast')
    const opened = context.open2Sync(codec, null)
    if (opened < 0) throw new MillraceError('encode_failed', `the AAC encoder does not open: ${avError(opened)}`)
    this.#context = context
    this.#config = Uint8Array.from(context.extraData ?? [0x11, 0x90]).slice(0, 2)
  }

  get seconds(): number {
    return this.#samples / SourceAudioEncoder.rate
  }

  /** Takes 1024 samples of each channel. */
  encode(left: Float32Array, right = left): CodedFrame[] {
    const { Frame, constants: c } = this.#av
    const plane = (samples: Float32Array) => Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
    const frame = Frame.fromAudioBuffer(Buffer.concat([plane(left), plane(right)]), {
      nbSamples: left.length,
      format: c.AV_SAMPLE_FMT_FLTP,
      sampleRate: SourceAudioEncoder.rate,
      channelLayout: c.AV_CHANNEL_LAYOUT_STEREO,
      pts: BigInt(this.#samples),
    })
    this.#samples += left.length
    const frames = this.encodeFrame(frame)
    frame.free()
    return frames
  }

  /** Encodes a frame of FFmpeg's with a time in samples, or drains with null. */
  encodeFrame(frame: Frame | null): CodedFrame[] {
    this.#context.sendFrameSync(frame)
    const frames: CodedFrame[] = []
    const packet = new this.#av.Packet()
    packet.alloc()
    while (this.#context.receivePacketSync(packet) >= 0) {
      const pts = this.#origin + Math.round((Number(packet.pts) * 90_000) / SourceAudioEncoder.rate)
      // The encoder's run-in has negative times and is no sound.
      if (packet.pts >= 0n)
        frames.push({
          kind: 'audio',
          codec: 'aac',
          pts,
          dts: pts,
          keyFrame: true,
          data: Uint8Array.from(packet.data!),
          config: this.#config,
        })
      packet.unref()
    }
    packet.free()
    return frames
  }

  close(): void {
    this.#context.freeContext()
  }
}

/** A quiet tone with a short higher beep at each full second. */
export function tone(firstSample: number, count: number): Float32Array {
  const rate = SourceAudioEncoder.rate
  const out = new Float32Array(count)
  for (let i = 0; i < count; i++) {
    const at = firstSample + i
    const beep = at % rate < rate / 10
    out[i] = (beep ? 0.15 : 0.05) * Math.sin((2 * Math.PI * (beep ? 880 : 440) * at) / rate)
  }
  return out
}
