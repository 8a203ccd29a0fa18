import { MillraceError } from '@millrace/base'
import type { FormatContext, Packet, Stream } from 'node-av/lib'
import { inspectAccessUnit, joinAnnexB } from '../../h264/nal.ts'
import { parseSps } from '../../h264/sps.ts'
import { type Av, avError } from '../../process/av.ts'
import { readMp4Frames } from '../../remux/mp4-reader.ts'
import { JoinedTimeline } from '../../segment/join-timeline.ts'
import type { CodedFrame } from '../../segment/segment.ts'
import { aacSampleRate, decodeAudioConfig } from '../../ts/adts.ts'
import { demuxTs } from '../../ts/demuxer.ts'
import type { PushedSegment } from './push-messages.ts'

/** Sends segments to another server at the pace of a clock: FLV by RTMP, a transport stream by SRT. Its errors do not hold the address. */
export class PushOutput {
  readonly #av: Av
  readonly #url: string
  readonly #timeline = new JoinedTimeline()
  readonly #packet: Packet
  #format: FormatContext | undefined
  #streams: Partial<Record<CodedFrame['kind'], Stream>> = {}
  #origin = 0
  #begunMs = 0

  constructor(av: Av, url: string) {
    this.#av = av
    this.#url = url
    this.#packet = new av.Packet()
    this.#packet.alloc()
  }

  /** Resolves when the segment was sent; the first one opens the connection and calls `live`. */
  async send({ data, container, ...about }: PushedSegment, live: () => void): Promise<void> {
    const frames = this.#timeline.next(container === 'mp4' ? readMp4Frames(data) : demuxTs(data).frames, about)
    const other = frames.find(({ kind, codec }) => kind === 'video' && codec !== 'h264')
    if (other)
      throw new MillraceError('target_failed', `pictures in ${other.codec} are not sent on: name a rendition in H.264`)
    if (!this.#format) {
      await this.#open(frames)
      live()
    }
    for (const frame of frames) await this.#write(frame)
  }

  async end(): Promise<void> {
    await this.#format?.writeTrailer()
    await this.#format?.closeOutput()
  }

  async #open(frames: readonly CodedFrame[]): Promise<void> {
    const muxer = this.#url.startsWith('srt:') ? 'mpegts' : 'flv'
    const format = new this.#av.FormatContext()
    if (format.allocOutputContext2(null, muxer, this.#url) < 0)
      throw new MillraceError('target_failed', 'this build of FFmpeg cannot send there')
    this.#addVideo(format, frames)
    this.#addAudio(format, frames)
    if (!this.#streams.video && !this.#streams.audio)
      throw new MillraceError('target_failed', 'the segment has neither H.264 nor AAC')
    const opened = await format.openOutput()
    if (opened < 0)
      throw new MillraceError('target_failed', `the server does not take the connection: ${avError(opened)}`)
    const header = await format.writeHeader(null)
    if (header < 0) throw new MillraceError('target_failed', `the server does not take the stream: ${avError(header)}`)
    this.#format = format
    this.#origin = frames[0]!.dts
    this.#begunMs = performance.now()
  }

  #addVideo(format: FormatContext, frames: readonly CodedFrame[]): void {
    const key = frames.find(({ kind, codec, keyFrame }) => kind === 'video' && codec === 'h264' && keyFrame)
    const { sps, pps } = key ? inspectAccessUnit(key.data, 'h264') : {}
    if (!sps || !pps) return
    const { constants: c } = this.#av
    const stream = format.newStream(null)
    const { codecpar } = stream
    const { width, height } = parseSps(sps)
    codecpar.codecType = c.AVMEDIA_TYPE_VIDEO
    codecpar.codecId = c.AV_CODEC_ID_H264
    codecpar.width = width
    codecpar.height = height
    // Parameter sets with start codes make the muxer convert the pictures, too.
    codecpar.extradata = Buffer.from(joinAnnexB([sps, pps]))
    stream.timeBase = new this.#av.Rational(1, 90_000)
    this.#streams.video = stream
  }

  #addAudio(format: FormatContext, frames: readonly CodedFrame[]): void {
    const config = frames.find(({ kind, codec }) => kind === 'audio' && codec === 'aac')?.config
    const aac = config && decodeAudioConfig(config)
    if (!config || !aac) return
    const { constants: c } = this.#av
    const stream = format.newStream(null)
    const { codecpar } = stream
    codecpar.codecType = c.AVMEDIA_TYPE_AUDIO
    codecpar.codecId = c.AV_CODEC_ID_AAC
    codecpar.sampleRate = aacSampleRate(aac)
    codecpar.channelLayout = aac.channels === 1 ? c.AV_CHANNEL_LAYOUT_MONO : c.AV_CHANNEL_LAYOUT_STEREO
    codecpar.frameSize = 1_024
    codecpar.extradata = Buffer.from(config)
    stream.timeBase = new this.#av.Rational(1, 90_000)
    this.#streams.audio = stream
  }

  async #write(frame: CodedFrame): Promise<void> {
    const stream = this.#streams[frame.kind]
    const format = this.#format
    if (!stream || !format) return
    const waitMs = (frame.dts - this.#origin) / 90 - (performance.now() - this.#begunMs)
    if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs))
    const packet = this.#packet
    packet.data = Buffer.from(frame.data.buffer, frame.data.byteOffset, frame.data.byteLength)
    packet.streamIndex = stream.index
    packet.pts = BigInt(Math.round(frame.pts - this.#origin))
    packet.dts = BigInt(Math.round(frame.dts - this.#origin))
    packet.isKeyframe = frame.keyFrame
    packet.rescaleTs({ num: 1, den: 90_000 }, stream.timeBase)
    const wrote = await format.interleavedWriteFrame(packet)
    packet.unref()
    if (wrote < 0) throw new MillraceError('target_failed', `the server hung up: ${avError(wrote)}`)
  }
}
