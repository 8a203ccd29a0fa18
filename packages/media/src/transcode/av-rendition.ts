import { MillraceError } from '@millrace/base'
import type { VideoProfile } from '@millrace/wire'
import type { FFVideoEncoder } from 'node-av/constants'
import type { CodecContext, Frame } from 'node-av/lib'
import { type Av, avError } from '../process/av.ts'
import type { CodedFrame } from '../segment/segment.ts'
import type { TsCounters } from '../ts/muxer.ts'
import { encodeSignature } from '../verify/signature/binary.ts'
import { frameSignature } from '../verify/signature/extract.ts'
import type { FrameSignature } from '../verify/signature/video-signature.ts'
import { frameCodec, isKeyPicture } from './coded-picture.ts'
import { encoderSettings, gopSize } from './encoder-settings.ts'
import { FramePacer, KeyFramePacer } from './pacing.ts'
import type { Size } from './scaled-size.ts'

/** A rate that differs by less is the same to the rate control. */
const SAME_RATE = 0.1

/**
 * Encodes one rendition. Encoders cannot go on after they were drained, so it is opened again for every segment (5 ms);
 * with `lowDelay` it is never drained, and goes on from segment to segment.
 */
export class AvRendition {
  readonly profile: VideoProfile
  readonly counters: TsCounters = new Map()
  readonly #av: Av
  readonly #preset: string
  readonly #threads: number
  readonly #lowDelay: boolean
  readonly #frames: FramePacer
  readonly #keys: KeyFramePacer
  #context: CodecContext | undefined
  #size: Size = { width: 0, height: 0 }
  #fps = 0
  #packets: CodedFrame[] = []
  #lastPts = Number.NaN
  #lastDts = Number.NaN
  #signed: FrameSignature[] | undefined

  constructor(
    av: Av,
    profile: VideoProfile,
    options: { readonly preset: string; readonly threads: number; readonly lowDelay?: boolean },
  ) {
    this.#av = av
    this.profile = profile
    this.#preset = options.preset
    this.#threads = options.threads
    this.#lowDelay = options.lowDelay ?? false
    this.#frames = new FramePacer(profile.fps, profile.fpsDen)
    this.#keys = new KeyFramePacer(profile.gopMs)
  }

  get size(): Size {
    return this.#size
  }

  /** Whether the video signature of what comes is wanted; forgets what was signed before. */
  sign(wanted: boolean): void {
    this.#signed = wanted ? [] : undefined
  }

  /** The video signature of the pictures that were encoded since `sign`. */
  get signature(): Uint8Array | undefined {
    if (!this.#signed) return undefined
    return encodeSignature({ ...this.#size, timeUnit: 90_000, frames: this.#signed })
  }

  /** Opens the encoder for a segment; `fps` is the source's rate, for the rate control, `pts` the time of its first picture. */
  startSegment(size: Size, fps: number, aspect: { readonly num: number; readonly den: number }, pts: number): void {
    if (this.#goesOn(size, fps, pts)) {
      this.#keys.startSegment()
      return
    }
    const { Codec, CodecContext, Rational, constants: c } = this.#av
    this.abandon()
    const settings = encoderSettings(this.profile, this.#preset, { lowDelay: this.#lowDelay })
    const codec = Codec.findEncoderByName(settings.encoder as FFVideoEncoder)
    if (!codec) throw new MillraceError('unsupported_profile', `this build of FFmpeg has no ${settings.encoder}`)
    const context = new CodecContext()
    context.allocContext3(codec)
    context.width = size.width
    context.height = size.height
    context.pixelFormat = c.AV_PIX_FMT_YUV420P
    context.timeBase = new Rational(1, 90_000)
    const rate = this.profile.fps > 0 ? this.profile.fps / (this.profile.fpsDen ?? 1) : fps
    context.framerate = new Rational(Math.round(rate * 1_000), 1_000)
    if (aspect.num > 0 && aspect.den > 0) context.sampleAspectRatio = new Rational(aspect.num, aspect.den)
    context.bitRate = BigInt(settings.bitrate)
    context.rcMaxRate = BigInt(settings.maxRate)
    context.rcMinRate = BigInt(settings.minRate)
    context.rcBufferSize = settings.bitrate
    context.maxBFrames = settings.bFrames
    if (settings.qMin > 0) context.qMin = settings.qMin
    context.gopSize = gopSize(this.profile, rate)
    context.threadCount = this.#threads
    for (const [name, value] of settings.options) context.setOption(name, value)
    const opened = context.open2Sync(codec, null)
    if (opened < 0) {
      context.freeContext()
      throw new MillraceError('unsupported_profile', `the encoder does not take this profile: ${avError(opened)}`, {
        meta: { profile: this.profile.name },
      })
    }
    this.#context = context
    this.#size = size
    this.#fps = fps
    this.#packets = []
    this.#lastPts = Number.NaN
    this.#lastDts = Number.NaN
    this.#keys.startSegment()
  }

  /** Encodes a picture of the rendition's size, not at all or several times as the frame rate demands. */
  encode(frame: Frame, pts: number): void {
    const context = this.#context!
    const { constants: c } = this.#av
    for (const wanted of this.#frames.place(pts)) {
      // Time stamps must rise strictly for the encoder, whatever the source did.
      const time = wanted <= this.#lastPts ? this.#lastPts + 1 : wanted
      this.#lastPts = time
      frame.pts = BigInt(time)
      // A decoded frame still carries the source's picture type, which would be forced onto the encoder.
      frame.pictType = this.#keys.force(time) ? c.AV_PICTURE_TYPE_I : c.AV_PICTURE_TYPE_NONE
      const sent = context.sendFrameSync(frame)
      if (sent < 0) throw new MillraceError('encode_failed', `the encoder refused a frame: ${avError(sent)}`)
      this.#signed?.push(signatureOf(frame, time))
      this.#receive()
    }
  }

  /** Drains and closes the encoder; the packets in decoding order. */
  finish(): CodedFrame[] {
    const context = this.#context
    if (!context) return []
    context.sendFrameSync(null)
    this.#receive()
    this.abandon()
    return this.take()
  }

  /** The packets that are there since they were taken last, in decoding order. */
  take(): CodedFrame[] {
    const packets = this.#packets
    this.#packets = []
    return packets
  }

  /** Closes the encoder without an output. */
  abandon(): void {
    this.#context?.freeContext()
    this.#context = undefined
  }

  /** Whether the open encoder can take the next segment: not when the time line jumped back. */
  #goesOn(size: Size, fps: number, pts: number): boolean {
    const { width, height } = this.#size
    const sameRate = Math.abs(fps - this.#fps) <= SAME_RATE * this.#fps
    const sameSize = size.width === width && size.height === height
    return this.#lowDelay && this.#context !== undefined && sameSize && sameRate && !(pts <= this.#lastPts)
  }

  #receive(): void {
    const packet = new this.#av.Packet()
    packet.alloc()
    try {
      while (this.#context!.receivePacketSync(packet) >= 0) {
        const data = Uint8Array.from(packet.data!)
        let pts = Number(packet.pts)
        let dts = Number(packet.dts)
        // LPMS: the middle of pts, dts and last + 1 when dts lies after pts; then dts strictly above the last.
        if (dts > pts) {
          const next = Number.isNaN(this.#lastDts) ? pts : this.#lastDts + 1
          pts = dts = [pts, dts, next].sort((a, b) => a - b)[1]!
        }
        if (dts <= this.#lastDts) dts = this.#lastDts + 1
        if (pts < dts) pts = dts
        this.#lastDts = dts
        const codec = frameCodec(this.profile.codec)
        this.#packets.push({ kind: 'video', codec, pts, dts, keyFrame: isKeyPicture(data, codec), data })
        packet.unref()
      }
    } finally {
      packet.free()
    }
  }
}

const signatureOf = (frame: Frame, pts: number): FrameSignature => {
  const { width, height, linesize, data } = frame
  return frameSignature({ width, height, stride: linesize[0]!, data: data![0]! }, pts)
}
