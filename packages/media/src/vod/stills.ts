import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { MillraceError } from '@millrace/base'
import { type Av, avError } from '../process/av.ts'
import { AvDecoder } from '../transcode/av-decoder.ts'
import { type DemuxedInput, readInput } from '../transcode/input.ts'
import type { Size } from '../transcode/scaled-size.ts'
import { Scaler } from '../transcode/scaler.ts'
import type { VodJob, VodSegment } from './vod-messages.ts'

type StillsJob = Extract<VodJob, { kind: 'stills' }>

const JPEG_QUALITY = 4
const LAMBDA_PER_QP = 118

/**
 * Makes one picture of the key frames at or before some moments, side by side in rows. Only key frames are decoded.
 * A moment whose segment cannot be decoded stays grey; throws `no_video_frames` when none can.
 */
export function makeStills(av: Av, job: StillsJob): void {
  const { AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUVJ420P } = av.constants
  // JPEG is full range, WebP as video is.
  const format = job.format === 'jpeg' ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P
  const decoder = new AvDecoder(av, 1)
  let tile: Size | undefined = job.height === undefined ? undefined : { width: job.width, height: even(job.height) }
  let canvas: Canvas | undefined
  let read: { readonly segment: VodSegment; readonly input: DemuxedInput } | undefined
  try {
    for (const [index, timeMs] of job.timesMs.entries()) {
      try {
        const segment = segmentAt(job.segments, timeMs)
        if (read?.segment !== segment)
          read = { segment, input: readInput(av, new Uint8Array(readFileSync(segment.path)), segment.container) }
        const { picture, size } = decodeKeyFrame(av, decoder, read.input, timeMs - segment.startMs, format, (from) => {
          tile ??= { width: job.width, height: even((job.width * from.height) / from.width) }
          return tile
        })
        canvas ??= new Canvas(size, job.columns, Math.ceil(job.timesMs.length / job.columns))
        canvas.put(picture, index)
      } catch (error) {
        if (!(error instanceof MillraceError)) throw error
      }
    }
  } finally {
    decoder.close()
  }
  if (!canvas) throw new MillraceError('no_video_frames', 'no picture could be decoded at these moments')
  const image = encode(av, canvas, format, job.format)
  writeFileSync(`${job.out}.tmp`, image)
  renameSync(`${job.out}.tmp`, job.out)
}

function segmentAt(segments: readonly VodSegment[], timeMs: number): VodSegment {
  const found = segments.findLast(({ startMs }) => startMs <= timeMs) ?? segments[0]
  if (!found) throw new MillraceError('no_video_frames', 'there is no segment at this moment')
  return found
}

function decodeKeyFrame(
  av: Av,
  decoder: AvDecoder,
  input: DemuxedInput,
  offsetMs: number,
  format: Av['constants']['AV_PIX_FMT_YUV420P'] | Av['constants']['AV_PIX_FMT_YUVJ420P'],
  sizeFor: (from: Size) => Size,
): { readonly picture: Buffer; readonly size: Size } {
  const first = Math.min(...input.video.map(({ pts }) => pts))
  const keys = input.video.filter(({ keyFrame }) => keyFrame)
  const key = keys.findLast(({ pts }) => pts - first <= offsetMs * 90) ?? keys[0]
  if (!key) throw new MillraceError('no_video_frames', 'the segment has no key frame')
  decoder.start(input)
  try {
    for (const frames of [decoder.push(key), decoder.drain()])
      for (const frame of frames) {
        const size = sizeFor(frame)
        const scaler = new Scaler(av, frame, size, format)
        try {
          return { picture: scaler.scale(frame).toBuffer(), size }
        } finally {
          scaler.free()
        }
      }
  } finally {
    decoder.reset()
  }
  throw new MillraceError('no_video_frames', 'a key frame cannot be decoded')
}

/** Tiles of planar 4:2:0 side by side. */
class Canvas {
  readonly size: Size
  readonly data: Buffer
  readonly #tile: Size
  readonly #columns: number

  constructor(tile: Size, columns: number, rows: number) {
    this.#tile = tile
    this.#columns = columns
    this.size = { width: tile.width * columns, height: tile.height * rows }
    // Grey where nothing is put.
    this.data = Buffer.alloc((this.size.width * this.size.height * 3) / 2, 128)
  }

  put(picture: Buffer, index: number): void {
    const [column, row] = [index % this.#columns, Math.floor(index / this.#columns)]
    let from = 0
    let plane = 0
    for (const half of [1, 2, 2]) {
      const [width, height, stride] = [this.#tile.width / half, this.#tile.height / half, this.size.width / half]
      for (let line = 0; line < height; line++, from += width)
        picture.copy(this.data, plane + (row * height + line) * stride + column * width, from, from + width)
      plane += (stride * this.size.height) / half
    }
  }
}

function encode(
  av: Av,
  { data, size }: Canvas,
  format: Av['constants']['AV_PIX_FMT_YUV420P'] | Av['constants']['AV_PIX_FMT_YUVJ420P'],
  to: 'jpeg' | 'webp',
): Uint8Array {
  const { Codec, CodecContext, Frame, Packet, Rational, constants: c } = av
  const codec = Codec.findEncoderByName(to === 'jpeg' ? c.FF_ENCODER_MJPEG : c.FF_ENCODER_LIBWEBP)
  if (!codec) throw new MillraceError('no_media_engine', `this build of FFmpeg writes no ${to}`)
  const context = new CodecContext()
  context.allocContext3(codec)
  const packet = new Packet()
  const frame = Frame.fromVideoBuffer(data, { ...size, format, pts: 0n })
  try {
    context.width = size.width
    context.height = size.height
    context.pixelFormat = format
    context.timeBase = new Rational(1, 1)
    context.threadCount = 1
    if (to === 'jpeg') {
      context.setFlags(c.AV_CODEC_FLAG_QSCALE)
      context.globalQuality = JPEG_QUALITY * LAMBDA_PER_QP
      frame.quality = JPEG_QUALITY * LAMBDA_PER_QP
    }
    const opened = context.open2Sync(codec, null)
    if (opened < 0) throw new MillraceError('encode_failed', `the encoder does not open: ${avError(opened)}`)
    context.sendFrameSync(frame)
    context.sendFrameSync(null)
    packet.alloc()
    const got = context.receivePacketSync(packet)
    if (got < 0) throw new MillraceError('encode_failed', `the picture was not encoded: ${avError(got)}`)
    return Uint8Array.from(packet.data!)
  } finally {
    frame.free()
    packet.free()
    context.freeContext()
  }
}

const even = (value: number): number => Math.max(2, Math.round(value / 2) * 2)
