import { MillraceError } from '@millrace/base'
import type { FilterContext, FilterGraph, Frame } from 'node-av/lib'
import type { Av } from '../process/av.ts'
import type { SourceTrack } from './source-track.ts'

/** The flag of a picture made of two fields, `AV_FRAME_FLAG_INTERLACED` of FFmpeg. */
const INTERLACED = 8

/** What turns a picture so far clockwise. */
const TURNS: Readonly<Record<number, string>> = { 90: 'transpose=clock', 180: 'hflip,vflip', 270: 'transpose=cclock' }

/** Degrees by which a player must turn the pictures clockwise (display matrix, ISO 14496-12 section 8.3.2); 0, 90, 180 or 270. */
export function rotationOf(av: Av, { codecpar }: Pick<SourceTrack, 'codecpar'>): number {
  const matrix = codecpar.getCodedSideData(av.constants.AV_PKT_DATA_DISPLAYMATRIX)
  if (!matrix || matrix.length < 36) return 0
  const [a, b] = [matrix.readInt32LE(0), matrix.readInt32LE(4)]
  return (Math.round((Math.atan2(b, a) * 180) / Math.PI / 90) * 90 + 360) % 360
}

export const isInterlaced = (frame: Frame): boolean => (frame.flags & INTERLACED) !== 0

/** Turns pictures upright and makes whole ones of fields; for pictures of one size and format. */
export class PictureFilter {
  readonly #graph: FilterGraph
  readonly #source: FilterContext
  readonly #sink: FilterContext
  readonly #out: Frame

  constructor(av: Av, first: Frame, how: { readonly rotation: number; readonly interlaced: boolean }) {
    const { FilterGraph, Filter } = av
    this.#graph = new FilterGraph()
    this.#graph.alloc()
    const make = (name: string, args: string | null = null): FilterContext => {
      const filter = Filter.getByName(name)
      const made = filter && this.#graph.createFilter(filter, `${name}${steps.length}`, args)
      if (!made) throw new MillraceError('encode_failed', `this build of FFmpeg has no filter ${name}`)
      steps.push(made)
      return made
    }
    const steps: FilterContext[] = []
    this.#source = make(
      'buffer',
      `video_size=${first.width}x${first.height}:pix_fmt=${first.format}:time_base=1/90000:pixel_aspect=1/1`,
    )
    if (how.interlaced) make('yadif', 'mode=send_frame:deint=interlaced')
    for (const step of (TURNS[how.rotation] ?? '').split(',').filter((text) => text !== '')) {
      const [name = '', value] = step.split('=')
      make(name, value ?? null)
    }
    this.#sink = make('buffersink')
    for (const [i, step] of steps.entries()) if (i > 0) steps[i - 1]?.link(0, step, 0)
    const configured = this.#graph.configSync()
    if (configured < 0) throw new MillraceError('encode_failed', 'pictures of this kind cannot be turned upright')
    this.#out = new av.Frame()
    this.#out.alloc()
  }

  /** The pictures that are ready; each is good until the next. With null the last ones. */
  *run(frame: Frame | null): Generator<Frame> {
    this.#source.buffersrcAddFrameSync(frame)
    while (this.#sink.buffersinkGetFrameSync(this.#out) >= 0) {
      yield this.#out
      this.#out.unref()
    }
  }

  close(): void {
    this.#out.free()
    this.#graph.free()
  }
}
