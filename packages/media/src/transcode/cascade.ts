import type { Frame } from 'node-av/lib'
import type { Av } from '../process/av.ts'
import type { AvRendition } from './av-rendition.ts'
import { type Size, scaledSize } from './scaled-size.ts'
import { Scaler } from './scaler.ts'

/** Scales each decoded picture to all renditions, the largest first, because smaller ones are made from it. */
export class Cascade {
  readonly #av: Av
  readonly #renditions: readonly AvRendition[]
  readonly #scalers = new Map<string, Scaler>()
  #order: readonly AvRendition[] = []

  constructor(av: Av, renditions: readonly AvRendition[]) {
    this.#av = av
    this.#renditions = renditions
  }

  /** Makes the encoders ready for a segment of pictures like this one; `fps` is the source's rate. */
  start(frame: Frame, fps: number): void {
    const source = { width: frame.width, height: frame.height }
    const aspect = frame.sampleAspectRatio
    const pts = Number(frame.bestEffortTimestamp)
    for (const rendition of this.#renditions) {
      const { profile } = rendition
      rendition.startSegment(scaledSize(profile, source, profile.codec), fps, aspect, pts)
    }
    this.#order = this.#renditions.toSorted((a, b) => b.size.width * b.size.height - a.size.width * a.size.height)
  }

  encode(frame: Frame): void {
    const pts = Number(frame.bestEffortTimestamp)
    let from = frame
    for (const rendition of this.#order) {
      const { width, height } = rendition.size
      const exact = (candidate: Frame) =>
        candidate.width === width &&
        candidate.height === height &&
        candidate.format === this.#av.constants.AV_PIX_FMT_YUV420P
      let picture = from
      if (!exact(from)) {
        // Each size is made from the next larger one, which costs half of making all from the source.
        const base = from.width >= width && from.height >= height ? from : frame
        picture = exact(base) ? base : this.#scaler(base, { width, height }).scale(base)
      }
      rendition.encode(picture, pts)
      from = picture
    }
  }

  close(): void {
    for (const rendition of this.#renditions) rendition.abandon()
    for (const scaler of this.#scalers.values()) scaler.free()
    this.#scalers.clear()
  }

  #scaler(from: Frame, to: Size): Scaler {
    const key = `${from.width}x${from.height}:${from.format}>${to.width}x${to.height}`
    const known = this.#scalers.get(key)
    if (known) return known
    // A stream that changes its size over and over must not pile up scalers.
    if (this.#scalers.size >= 32) {
      for (const scaler of this.#scalers.values()) scaler.free()
      this.#scalers.clear()
    }
    const scaler = new Scaler(this.#av, from, to)
    this.#scalers.set(key, scaler)
    return scaler
  }
}
