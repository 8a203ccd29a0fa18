import type { Av } from '@millrace/media/process'
import type { FilterContext, FilterGraph, Frame } from 'node-av/lib'
import { AiError } from '../../ai-error.ts'
import type { RgbPicture } from '../live-effect.ts'

export type PictureSize = { readonly width: number; readonly height: number }

/** Scales pictures to fill a size, crops what stands over on both sides, and gives them as red, green and blue. */
export class PictureShape {
  readonly #av: Av
  readonly #size: PictureSize
  readonly #out: Frame
  #graph: FilterGraph | undefined
  #source: FilterContext | undefined
  #sink: FilterContext | undefined
  #key = ''

  constructor(av: Av, size: PictureSize) {
    this.#av = av
    this.#size = size
    this.#out = new av.Frame()
    this.#out.alloc()
  }

  shape(frame: Frame): RgbPicture {
    const { width, height } = this.#size
    this.#open(frame)
    this.#source!.buffersrcAddFrameSync(frame)
    if (this.#sink!.buffersinkGetFrameSync(this.#out) < 0)
      throw new AiError('ai_runner_failed', 'a picture could not be scaled')
    const data = Uint8Array.from(this.#out.toBuffer())
    this.#out.unref()
    return { width, height, data }
  }

  close(): void {
    this.#out.free()
    this.#graph?.free()
  }

  /** One graph serves pictures of one size and format; a source may change both. */
  #open(frame: Frame): void {
    const key = `${frame.width}x${frame.height}:${frame.format}`
    if (key === this.#key) return
    this.#graph?.free()
    this.#key = key
    const { FilterGraph, Filter } = this.#av
    const { width, height } = this.#size
    const graph = new FilterGraph()
    graph.alloc()
    const steps = [
      `buffer=video_size=${frame.width}x${frame.height}:pix_fmt=${frame.format}:time_base=1/90000:pixel_aspect=1/1`,
      // The way back to what encoders take reckons with BT.601 too.
      `scale=${width}:${height}:force_original_aspect_ratio=increase:flags=bilinear:in_color_matrix=bt601`,
      `crop=${width}:${height}`,
      'format=rgb24',
      'buffersink',
    ].map((step, i) => {
      const [name = '', ...args] = step.split('=')
      const filter = Filter.getByName(name)
      const made = filter && graph.createFilter(filter, `${name}${i}`, args.join('=') || null)
      if (!made) throw new AiError('ai_runner_failed', `this build of FFmpeg has no filter ${name}`)
      return made
    })
    for (const [i, step] of steps.entries()) if (i > 0) steps[i - 1]?.link(0, step, 0)
    if (graph.configSync() < 0) throw new AiError('ai_runner_failed', 'pictures of this kind cannot be scaled')
    this.#graph = graph
    this.#source = steps[0]
    this.#sink = steps.at(-1)
  }
}
