import { MillraceError } from '@millrace/base'
import type { Frame } from 'node-av/lib'
import { type Av, avError } from '../process/av.ts'
import { AvDecoder } from '../transcode/av-decoder.ts'
import { readInput } from '../transcode/input.ts'
import { Scaler } from '../transcode/scaler.ts'

/** The pictures of an MP4 as PNG files. */
export function splitPictures(av: Av, video: Uint8Array, maxPictures: number): Uint8Array[] {
  const decoder = new AvDecoder(av, 1)
  const files: Uint8Array[] = []
  try {
    for (const frame of decoder.decode(readInput(av, video, 'mp4'))) {
      files.push(png(av, frame))
      if (files.length >= maxPictures) break
    }
  } finally {
    decoder.close()
  }
  if (files.length === 0) throw new MillraceError('film_failed', 'the film has no picture that can be decoded')
  return files
}

function png(av: Av, frame: Frame): Uint8Array {
  const { Codec, CodecContext, Packet, Rational, constants: c } = av
  const codec = Codec.findEncoder(c.AV_CODEC_ID_PNG)
  if (!codec) throw new MillraceError('no_media_engine', 'this build of FFmpeg writes no PNG')
  const { width, height } = frame
  const scaler = new Scaler(av, frame, { width, height }, c.AV_PIX_FMT_RGB24)
  const context = new CodecContext()
  context.allocContext3(codec)
  const packet = new Packet()
  try {
    context.width = width
    context.height = height
    context.pixelFormat = c.AV_PIX_FMT_RGB24
    context.timeBase = new Rational(1, 1)
    context.threadCount = 1
    const opened = context.open2Sync(codec, null)
    if (opened < 0) throw new MillraceError('encode_failed', `the encoder does not open: ${avError(opened)}`)
    const picture = scaler.scale(frame)
    picture.pts = 0n
    context.sendFrameSync(picture)
    context.sendFrameSync(null)
    packet.alloc()
    const got = context.receivePacketSync(packet)
    if (got < 0) throw new MillraceError('encode_failed', `the picture was not encoded: ${avError(got)}`)
    return Uint8Array.from(packet.data!)
  } finally {
    packet.free()
    context.freeContext()
    scaler.free()
  }
}
