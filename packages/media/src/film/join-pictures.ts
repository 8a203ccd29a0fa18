import { MillraceError } from '@millrace/base'
import type { Frame } from 'node-av/lib'
import type { Av } from '../process/av.ts'
import { encodeMp4 } from '../remux/mp4-writer.ts'
import type { CodedFrame } from '../segment/segment.ts'
import { SourceVideoEncoder } from '../source/av-encoder.ts'
import { AvDecoder } from '../transcode/av-decoder.ts'
import type { Size } from '../transcode/scaled-size.ts'
import { Scaler } from '../transcode/scaler.ts'

const TICKS = 90_000
/** Generous: the films are short, and what a model drew should stay as it drew it. */
const BITS_PER_PIXEL = 0.4
const MIN_BITRATE_BPS = 1_000_000

/** An MP4 of coded pictures, the first of which gives the size. */
export function joinPictures(av: Av, pictures: readonly Uint8Array[], fps: number): Uint8Array {
  const frames: CodedFrame[] = []
  let encoder: SourceVideoEncoder | undefined
  let size: Size | undefined
  try {
    for (const [index, picture] of pictures.entries())
      decodePicture(av, picture, (frame) => {
        size ??= { width: even(frame.width), height: even(frame.height) }
        encoder ??= encoderOf(av, size, fps)
        const scaler = new Scaler(av, frame, size)
        const pts = Math.round((index * TICKS) / fps)
        frames.push(...encoder.encode(scaler.scale(frame).toBuffer(), pts, index === 0))
        scaler.free()
      })
    frames.push(...(encoder?.encodeFrame(null) ?? []))
  } finally {
    encoder?.close()
  }
  return encodeMp4(frames)
}

function decodePicture(av: Av, data: Uint8Array, use: (frame: Frame) => void): void {
  const decoder = new AvDecoder(av, 1)
  let found = false
  try {
    decoder.start({ codecId: codecOf(av, data), extradata: undefined })
    for (const frames of [decoder.push({ data, pts: 0, dts: 0, keyFrame: true }), decoder.drain()])
      for (const frame of frames) {
        if (found) continue
        found = true
        use(frame)
      }
  } finally {
    decoder.close()
  }
  if (!found) throw new MillraceError('film_failed', 'a picture cannot be decoded')
}

function codecOf(av: Av, data: Uint8Array): number {
  const { AV_CODEC_ID_PNG, AV_CODEC_ID_MJPEG, AV_CODEC_ID_WEBP } = av.constants
  if (data[0] === 0x89 && data[1] === 0x50) return AV_CODEC_ID_PNG
  if (data[0] === 0xff && data[1] === 0xd8) return AV_CODEC_ID_MJPEG
  if (data[0] === 0x52 && data[8] === 0x57) return AV_CODEC_ID_WEBP
  throw new MillraceError('film_failed', 'a picture of a film is PNG, JPEG or WebP')
}

const encoderOf = (av: Av, { width, height }: Size, fps: number) =>
  new SourceVideoEncoder(av, {
    ...{ width, height, fps, preset: 'veryfast', gopFrames: Math.max(1, Math.round(fps * 2)) },
    bitrateBps: Math.max(MIN_BITRATE_BPS, Math.round(width * height * fps * BITS_PER_PIXEL)),
  })

const even = (value: number): number => Math.max(2, value - (value % 2))
