import { MillraceError } from '@millrace/base'
import type { AVCodecID } from 'node-av/constants'
import type { CodecContext, Frame, Packet, SoftwareScaleContext } from 'node-av/lib'
import { type AvcConfig, decodeAvcConfig } from '../h264/avcc.ts'
import { BadMediaError } from '../h264/errors.ts'
import { inspectAccessUnit, joinAnnexB, NAL, nalType, splitLengthPrefixed } from '../h264/nal.ts'
import type { Av } from '../process/av.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { SourceVideoEncoder } from './av-encoder.ts'
import type { SourceTrack } from './source-track.ts'

const NOPTS = -9223372036854775808n
const TIME = { num: 1, den: 90_000 }

/** Turns the packets of a file's video stream into H.264 frames: copied when they are H.264, else decoded and encoded. */
export class VideoReader {
  readonly index: number
  readonly about: string
  readonly #av: Av
  readonly #stream: SourceTrack
  readonly #copies: boolean
  readonly #avc: AvcConfig | undefined
  #decoder: CodecContext | undefined
  #frame: Frame | undefined
  #encoder: SourceVideoEncoder | undefined
  #scaler: { readonly context: SoftwareScaleContext; readonly out: Frame; readonly key: string } | undefined
  #lastPts = Number.NEGATIVE_INFINITY
  #lastDts = Number.NEGATIVE_INFINITY
  #nextKey = Number.NEGATIVE_INFINITY

  constructor(av: Av, stream: SourceTrack) {
    this.#av = av
    this.#stream = stream
    this.index = stream.index
    const { codecpar } = stream
    this.#copies = codecpar.codecId === av.constants.AV_CODEC_ID_H264
    const extradata = codecpar.extradata
    if (this.#copies && extradata && extradata[0] === 1) this.#avc = decodeAvcConfig(extradata)
    const codec = av.avGetCodecName(codecpar.codecId) ?? 'unknown'
    this.about = `${codecpar.width}x${codecpar.height} ${codec}${this.#copies ? '' : ' made into h264'}`
  }

  read(packet: Packet): CodedFrame[] {
    packet.rescaleTs(this.#stream.timeBase, TIME)
    if (!this.#copies) return this.#transcode(packet)
    // A picture without a time follows the one before it: leaving it out would break those that refer to it.
    const guess = BigInt(Number.isFinite(this.#lastDts) ? this.#lastDts + 3_000 : 0)
    const pts = Number(packet.pts !== NOPTS ? packet.pts : packet.dts !== NOPTS ? packet.dts : guess)
    const dts = Number(packet.dts !== NOPTS ? packet.dts : packet.pts !== NOPTS ? packet.pts : guess)
    this.#lastDts = dts
    try {
      return [{ kind: 'video', codec: 'h264', pts, dts, ...this.#annexB(packet.data!) }]
    } catch (error) {
      // One damaged picture, as at the end of a file that is cut off, does not end the source.
      if (error instanceof BadMediaError) return []
      throw error
    }
  }

  /** The frames that are still inside decoder and encoder. */
  drain(): CodedFrame[] {
    if (!this.#decoder) return []
    this.#decoder.sendPacketSync(null)
    const frames = this.#receive()
    if (this.#encoder) frames.push(...this.#encoder.encodeFrame(null))
    return frames
  }

  close(): void {
    this.#decoder?.freeContext()
    this.#frame?.free()
    this.#encoder?.close()
    this.#scaler?.out.free()
    this.#scaler?.context.freeContext()
  }

  #annexB(data: Uint8Array): { readonly data: Uint8Array; readonly keyFrame: boolean } {
    if (!this.#avc) {
      const copy = Uint8Array.from(data)
      return { data: copy, keyFrame: inspectAccessUnit(copy, 'h264').key }
    }
    const nals: Uint8Array[] = []
    let keyFrame = false
    let hasSps = false
    for (const nal of splitLengthPrefixed(data, this.#avc.lengthSize)) {
      const type = nalType(nal)
      if (type === NAL.idr) keyFrame = true
      if (type === NAL.sps) hasSps = true
      if (type !== NAL.aud) nals.push(nal)
    }
    const sets = keyFrame && !hasSps ? [...this.#avc.sps, ...this.#avc.pps] : []
    return { data: joinAnnexB([...sets, ...nals]), keyFrame }
  }

  #transcode(packet: Packet): CodedFrame[] {
    this.#decoder ??= this.#openDecoder()
    this.#decoder.sendPacketSync(packet)
    return this.#receive()
  }

  #openDecoder(): CodecContext {
    const { Codec, CodecContext, Frame, Rational } = this.#av
    const { codecpar } = this.#stream
    const codec = Codec.findDecoder(codecpar.codecId as AVCodecID)
    if (!codec) throw new MillraceError('not_a_video', `there is no decoder for ${this.about}`)
    const context = new CodecContext()
    context.allocContext3(codec)
    codecpar.toContext(context)
    context.pktTimebase = new Rational(TIME.num, TIME.den)
    context.threadCount = 1
    if (context.open2Sync(codec, null) < 0)
      throw new MillraceError('not_a_video', `the decoder for ${this.about} does not open`)
    this.#frame = new Frame()
    this.#frame.alloc()
    return context
  }

  #receive(): CodedFrame[] {
    const { constants: c } = this.#av
    const frame = this.#frame!
    const out: CodedFrame[] = []
    while (this.#decoder!.receiveFrameSync(frame) >= 0) {
      const best = frame.bestEffortTimestamp
      const pts = Math.max(best === NOPTS ? this.#lastPts + 3_000 : Number(best), this.#lastPts + 1)
      if (Number.isFinite(pts)) {
        this.#lastPts = pts
        const picture = this.#convert(frame)
        this.#encoder ??= this.#openEncoder(picture)
        const key = pts >= this.#nextKey
        if (key) this.#nextKey = pts + 180_000 - 1_500
        picture.pts = BigInt(pts)
        picture.pictType = key ? c.AV_PICTURE_TYPE_I : c.AV_PICTURE_TYPE_NONE
        out.push(...this.#encoder.encodeFrame(picture))
      }
      frame.unref()
    }
    return out
  }

  #openEncoder(picture: Frame): SourceVideoEncoder {
    const rate = this.#stream.avgFrameRate.toDouble()
    const fps = rate >= 1 && rate <= 120 ? rate : 30
    const { width, height } = picture
    // Rich enough that what follows is not limited by it: 0.1 bit a pixel.
    const bitrateBps = Math.round(Math.min(12e6, Math.max(1e6, width * height * fps * 0.12)))
    return new SourceVideoEncoder(this.#av, {
      width,
      height,
      fps,
      bitrateBps,
      preset: 'veryfast',
      gopFrames: Math.round(fps * 4),
    })
  }

  /** Even sides and planar 4:2:0, of a size that does not change once the encoder is open. */
  #convert(frame: Frame): Frame {
    const { constants: c } = this.#av
    const to = this.#encoder?.size ?? {
      width: Math.min(frame.width & ~1, 4096),
      height: Math.min(frame.height & ~1, 4096),
    }
    const fits = frame.width === to.width && frame.height === to.height
    if (fits && frame.format === c.AV_PIX_FMT_YUV420P) return frame
    const key = `${frame.width}x${frame.height}:${frame.format}`
    if (this.#scaler?.key !== key) {
      this.#scaler?.out.free()
      this.#scaler?.context.freeContext()
      const context = new this.#av.SoftwareScaleContext()
      context.getContext(
        frame.width,
        frame.height,
        frame.format as typeof c.AV_PIX_FMT_YUV420P,
        to.width,
        to.height,
        c.AV_PIX_FMT_YUV420P,
        c.SWS_BICUBIC,
      )
      const out = new this.#av.Frame()
      out.alloc()
      out.width = to.width
      out.height = to.height
      out.format = c.AV_PIX_FMT_YUV420P
      out.getBuffer(0)
      this.#scaler = { context, out, key }
    }
    this.#scaler.context.scaleFrameSync(this.#scaler.out, frame)
    return this.#scaler.out
  }
}
