import type { CodedFrame } from '@millrace/media'
import { type Av, Scaler, SourceVideoEncoder } from '@millrace/media/process'
import type { RgbPicture } from '../live-effect.ts'
import type { PictureSize } from './picture-shape.ts'

const FPS = 24
/** Enough for pictures that change everywhere, at this size. */
const BITS_PER_PIXEL_SECOND = 6
const LEAST_BITRATE = 600_000

/** Encodes red, green and blue as H.264 of which nothing is held back. */
export class PictureEncoder {
  readonly #av: Av
  readonly #encoder: SourceVideoEncoder
  #scaler: Scaler | undefined

  constructor(av: Av, { width, height }: PictureSize) {
    this.#av = av
    this.#encoder = new SourceVideoEncoder(av, {
      width,
      height,
      fps: FPS,
      bitrateBps: Math.max(LEAST_BITRATE, width * height * BITS_PER_PIXEL_SECOND),
      preset: 'superfast',
      // Where key frames come is said with each picture.
      gopFrames: FPS * 60,
    })
  }

  encode({ width, height, data }: RgbPicture, pts: number, key: boolean): CodedFrame[] {
    const { Frame, constants: c } = this.#av
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    const rgb = Frame.fromVideoBuffer(bytes, { width, height, format: c.AV_PIX_FMT_RGB24 })
    this.#scaler ??= new Scaler(this.#av, rgb, { width, height })
    const picture = this.#scaler.scale(rgb)
    rgb.free()
    picture.pts = BigInt(Math.round(pts))
    picture.pictType = key ? c.AV_PICTURE_TYPE_I : c.AV_PICTURE_TYPE_NONE
    return this.#encoder.encodeFrame(picture)
  }

  close(): void {
    this.#scaler?.free()
    this.#encoder.close()
  }
}
