import { MillraceError } from '@millrace/base'
import type { AVFrameSideDataType, AVPixelFormat } from 'node-av/constants'
import type { Frame, SoftwareScaleContext } from 'node-av/lib'
import type { Av } from '../process/av.ts'
import type { Size } from './scaled-size.ts'

/** Scales pictures of one size to another; the picture that it returns is overwritten by the next. */
export class Scaler {
  readonly #context: SoftwareScaleContext
  readonly #out: Frame
  readonly #captions: AVFrameSideDataType

  /** `format` is that of the result; 4:2:0 as encoders take it when it is left out. */
  constructor(av: Av, from: Frame, to: Size, format: AVPixelFormat = av.constants.AV_PIX_FMT_YUV420P) {
    const { constants: c } = av
    this.#captions = c.AV_FRAME_DATA_A53_CC
    this.#context = new av.SoftwareScaleContext()
    this.#context.getContext(
      from.width,
      from.height,
      from.format as AVPixelFormat,
      to.width,
      to.height,
      format,
      c.SWS_BICUBIC,
    )
    this.#out = new av.Frame()
    this.#out.alloc()
    this.#out.width = to.width
    this.#out.height = to.height
    this.#out.format = format
    this.#out.getBuffer(0)
  }

  scale(from: Frame): Frame {
    const done = this.#context.scaleFrameSync(this.#out, from)
    if (done < 0) throw new MillraceError('scale_failed', `a picture cannot be scaled: ${done}`)
    this.#keepCaptions(from)
    return this.#out
  }

  /** Captions (CEA-608 and 708, ATSC A/53 part 4) travel beside the picture, and encoders write them into its rendition. */
  #keepCaptions(from: Frame): void {
    this.#out.removeSideData(this.#captions)
    const captions = from.getSideData(this.#captions)
    if (captions && captions.length > 0) this.#out.newSideData(this.#captions, captions.length).set(captions)
  }

  free(): void {
    this.#out.free()
    this.#context.freeContext()
  }
}
