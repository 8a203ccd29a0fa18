import { concatBytes, MillraceError } from '@millrace/base'
import type { AVCodecID } from 'node-av/constants'
import type { CodecContext, Frame, Packet, SoftwareScaleContext } from 'node-av/lib'
import { type AvcConfig, decodeAvcConfig } from '../h264/avcc.ts'
import { BadMediaError } from '../h264/errors.ts'
import { decodeHevcConfig, type HevcConfig } from '../h264/hvcc.ts'
import {
  HEVC_NAL,
  hevcNalType,
  inspectAccessUnit,
  joinAnnexB,
  NAL,
  nalType,
  prependNals,
  splitLengthPrefixed,
} from '../h264/nal.ts'
import type { Av } from '../process/av.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { SourceVideoEncoder } from './av-encoder.ts'
import { isInterlaced, PictureFilter, rotationOf } from './picture-filter.ts'
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
  readonly #codec: 'h264' | 'hevc'
  readonly #rotation: number
  readonly #avc: AvcConfig | undefined
  readonly #hevc: HevcConfig | undefined
  /** Parameter sets with start codes, of streams whose pictures have them too. */
  readonly #sets: Uint8Array | undefined
  #filter: { readonly filter: PictureFilter; readonly key: string } | undefined
  #decoder: CodecContext | undefined
  #frame: Frame | undefined
  #encoder: SourceVideoEncoder | undefined
  #scaler: { readonly context: SoftwareScaleContext; readonly out: Frame; readonly key: string } | undefined
  #lastPts = Number.NEGATIVE_INFINITY
  #lastDts = Number.NEGATIVE_INFINITY
  #nextKey = Number.NEGATIVE_INFINITY

  constructor(av: Av, stream: SourceTrack, options: { readonly keepHevc?: boolean } = {}) {
    this.#av = av
    this.#stream = stream
    this.index = stream.index
    const { codecpar } = stream
    const { AV_CODEC_ID_H264, AV_CODEC_ID_HEVC } = av.constants
    const extradata = codecpar.extradata
    const isHevc = codecpar.codecId === AV_CODEC_ID_HEVC
    this.#codec = isHevc ? 'hevc' : 'h264'
    this.#rotation = rotationOf(av, stream)
    // A transport stream says nothing of how pictures are to be turned: they are turned here.
    this.#copies =
      this.#rotation === 0 && (codecpar.codecId === AV_CODEC_ID_H264 || (isHevc && options.keepHevc === true))
    if (this.#copies && extradata?.[0] === 1 && !isHevc) this.#avc = decodeAvcConfig(extradata)
    else if (this.#copies && extradata?.[0] === 1) this.#hevc = decodeHevcConfig(extradata)
    else if (this.#copies && extradata && extradata[0] === 0) this.#sets = Uint8Array.from(extradata)
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
      return [{ kind: 'video', codec: this.#codec, pts, dts, ...this.#annexB(packet.data!) }]
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
    for (const picture of this.#lastOfFilter()) frames.push(...this.#encode(picture))
    if (this.#encoder) frames.push(...this.#encoder.encodeFrame(null))
    return frames
  }

  close(): void {
    this.#decoder?.freeContext()
    this.#frame?.free()
    this.#filter?.filter.close()
    this.#encoder?.close()
    this.#scaler?.out.free()
    this.#scaler?.context.freeContext()
  }

  #annexB(data: Uint8Array): { readonly data: Uint8Array; readonly keyFrame: boolean } {
    const config = this.#avc ?? this.#hevc
    const whole = config
      ? joinAnnexB([...splitLengthPrefixed(data, config.lengthSize)].filter((nal) => !this.#isDelimiter(nal)))
      : Uint8Array.from(data)
    const { key, sps } = inspectAccessUnit(whole, this.#codec)
    if (!key || sps) return { data: whole, keyFrame: key }
    if (config)
      return {
        data: prependNals('sets' in config ? config.sets : [...config.sps, ...config.pps], whole),
        keyFrame: true,
      }
    return { data: this.#sets ? concatBytes(this.#sets, whole) : whole, keyFrame: true }
  }

  #isDelimiter(nal: Uint8Array): boolean {
    return this.#codec === 'h264' ? nalType(nal) === NAL.aud : hevcNalType(nal) === HEVC_NAL.aud
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
    const frame = this.#frame!
    const out: CodedFrame[] = []
    while (this.#decoder!.receiveFrameSync(frame) >= 0) {
      const best = frame.bestEffortTimestamp
      const pts = Math.max(best === NOPTS ? this.#lastPts + 3_000 : Number(best), this.#lastPts + 1)
      if (Number.isFinite(pts)) {
        this.#lastPts = pts
        frame.pts = BigInt(pts)
        for (const picture of this.#upright(frame)) out.push(...this.#encode(picture))
      }
      frame.unref()
    }
    return out
  }

  #encode(given: Frame): CodedFrame[] {
    const { constants: c } = this.#av
    const pts = Number(given.pts)
    const picture = this.#convert(given)
    this.#encoder ??= this.#openEncoder(picture)
    const key = pts >= this.#nextKey
    if (key) this.#nextKey = pts + 180_000 - 1_500
    picture.pts = BigInt(pts)
    picture.pictType = key ? c.AV_PICTURE_TYPE_I : c.AV_PICTURE_TYPE_NONE
    return this.#encoder.encodeFrame(picture)
  }

  *#upright(frame: Frame): Generator<Frame> {
    // Fields may come and go in a stream; once they were seen, the filter looks at each picture by itself.
    const interlaced = isInterlaced(frame) || this.#filter?.key.startsWith('fields') === true
    if (this.#rotation === 0 && !interlaced) return yield frame
    const key = `${interlaced ? 'fields' : 'whole'} ${frame.width}x${frame.height}:${frame.format}`
    if (this.#filter?.key !== key) {
      yield* this.#lastOfFilter()
      this.#filter = { key, filter: new PictureFilter(this.#av, frame, { rotation: this.#rotation, interlaced }) }
    }
    yield* this.#filter.filter.run(frame)
  }

  *#lastOfFilter(): Generator<Frame> {
    if (!this.#filter) return
    yield* this.#filter.filter.run(null)
    this.#filter.filter.close()
    this.#filter = undefined
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
