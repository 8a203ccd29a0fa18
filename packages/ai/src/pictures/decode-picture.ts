import { type Av, avError } from '@millrace/media/process'
import type { Frame } from 'node-av/lib'
import { AiError } from '../ai-error.ts'
import { type ImageKind, imageSize, MAX_IMAGE_PIXELS } from './image-size.ts'
import { type Picture, pictureOf } from './picture.ts'

/**
 * The picture in the bytes of a PNG, JPEG or WebP, or the first one of a GIF. For child processes only.
 * Throws what `imageSize` throws, and `ai_bad_request` when the bytes are damaged.
 */
export function decodePicture(av: Av, bytes: Uint8Array, maxPixels: number = MAX_IMAGE_PIXELS): Picture {
  const size = imageSize(bytes, maxPixels)
  const frame = decodeFrame(av, bytes, size.kind, maxPixels)
  try {
    // What was allowed by the header must be what comes out of the decoder.
    if (frame.width !== size.width || frame.height !== size.height)
      throw damaged(size.kind, 'its header says another size')
    return pictureOf(av, frame, { width: size.width, height: size.height, flags: av.constants.SWS_BICUBIC })
  } finally {
    frame.free()
  }
}

function decodeFrame(av: Av, bytes: Uint8Array, kind: ImageKind, maxPixels: number): Frame {
  const { AV_CODEC_ID_PNG, AV_CODEC_ID_MJPEG, AV_CODEC_ID_WEBP, AV_CODEC_ID_GIF } = av.constants
  const id = { png: AV_CODEC_ID_PNG, jpeg: AV_CODEC_ID_MJPEG, webp: AV_CODEC_ID_WEBP, gif: AV_CODEC_ID_GIF }[kind]
  const codec = av.Codec.findDecoder(id)
  if (!codec) throw new AiError('ai_media_type', `image: FFmpeg here decodes no ${kind.toUpperCase()}`)
  const context = new av.CodecContext()
  context.allocContext3(codec)
  context.threadCount = 1
  context.setOption('max_pixels', String(maxPixels))
  // A picture that is cut off is refused; FFmpeg would show the upper half.
  context.setOption('err_detect', 'explode')
  const packet = new av.Packet()
  packet.alloc()
  const frame = new av.Frame()
  frame.alloc()
  try {
    const steps = [
      () => context.open2Sync(codec, null),
      () => {
        packet.data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
        return context.sendPacketSync(packet)
      },
      () => context.sendPacketSync(null),
      () => context.receiveFrameSync(frame),
    ]
    for (const step of steps) {
      const result = step()
      if (result < 0) throw damaged(kind, avError(result))
    }
    return frame
  } catch (error) {
    frame.free()
    throw error
  } finally {
    packet.free()
    context.freeContext()
  }
}

const damaged = (kind: ImageKind, why: string): AiError =>
  new AiError('ai_bad_request', `image: this ${kind.toUpperCase()} cannot be decoded: ${why}`)
