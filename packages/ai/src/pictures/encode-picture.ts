import { type Av, avError } from '@millrace/media/process'
import { AiError } from '../ai-error.ts'
import type { AiFile } from '../files.ts'
import { convert, frameOf, isOpaque, type Picture } from './picture.ts'

/** The picture as PNG, with alpha where it has any. For child processes only. */
export function encodePng(av: Av, picture: Picture): Uint8Array {
  const { constants: c } = av
  const codec = av.Codec.findEncoder(c.AV_CODEC_ID_PNG)
  if (!codec) throw new AiError('ai_runner_failed', 'FFmpeg here encodes no PNG')
  const rgba = frameOf(av, picture, c.AV_PIX_FMT_RGBA)
  const { width, height } = picture
  const opaque = isOpaque(picture)
  const frame = opaque ? convert(av, rgba, width, height, c.AV_PIX_FMT_RGB24, c.SWS_POINT) : rgba
  const context = new av.CodecContext()
  const packet = new av.Packet()
  packet.alloc()
  try {
    context.allocContext3(codec)
    context.width = width
    context.height = height
    context.pixelFormat = opaque ? c.AV_PIX_FMT_RGB24 : c.AV_PIX_FMT_RGBA
    context.timeBase = new av.Rational(1, 1)
    context.threadCount = 1
    for (const step of [
      () => context.open2Sync(codec, null),
      () => context.sendFrameSync(frame),
      () => context.sendFrameSync(null),
      () => context.receivePacketSync(packet),
    ]) {
      const result = step()
      if (result < 0) throw new AiError('ai_runner_failed', `a PNG cannot be written: ${avError(result)}`)
    }
    return new Uint8Array(packet.data as Buffer)
  } finally {
    packet.free()
    context.freeContext()
    if (frame !== rgba) frame.free()
    rgba.free()
  }
}

/** The picture as a file of a result. */
export const pngFile = (av: Av, name: string, picture: Picture): AiFile => ({
  name,
  type: 'image/png',
  bytes: encodePng(av, picture),
})
