import { MillraceError } from '@millrace/base'
import type { CodedFrame, FrameCodec } from '../segment/segment.ts'
import { isKeyPicture } from './coded-picture.ts'

const HEAD = 32
const FRAME_HEAD = 12

/**
 * Reads the pictures of an IVF stream, as the ffmpeg program writes VP9 and AV1 to a pipe: times without the offsets that MP4 would
 * make of them. Throws `engine_failed` when it is not one.
 */
export function readIvf(data: Uint8Array, codec: FrameCodec): CodedFrame[] {
  if (data.length === 0) return []
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  if (data.length < HEAD || view.getUint32(0) !== 0x444b4946) throw damaged('it has no head')
  const rate = view.getUint32(16, true)
  const scale = view.getUint32(20, true)
  if (rate === 0 || scale === 0) throw damaged('it has no clock')
  const frames: CodedFrame[] = []
  for (let at = view.getUint16(6, true); at < data.length; ) {
    if (at + FRAME_HEAD > data.length) throw damaged('a head is cut off')
    const size = view.getUint32(at, true)
    const time = Math.round((Number(view.getBigInt64(at + 4, true)) * scale * 90_000) / rate)
    at += FRAME_HEAD
    if (at + size > data.length) throw damaged('a picture is cut off')
    const picture = data.subarray(at, at + size)
    at += size
    frames.push({ kind: 'video', codec, pts: time, dts: time, keyFrame: isKeyPicture(picture, codec), data: picture })
  }
  return frames
}

const damaged = (what: string) => new MillraceError('engine_failed', `what ffmpeg wrote cannot be read: ${what}`)
