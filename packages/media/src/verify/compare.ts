import { MillraceError } from '@millrace/base'
import type { Frame } from 'node-av/lib'
import type { Av } from '../process/av.ts'
import { AvDecoder } from '../transcode/av-decoder.ts'
import { type DemuxedInput, readInput } from '../transcode/input.ts'
import type { Size } from '../transcode/scaled-size.ts'
import { Scaler } from '../transcode/scaler.ts'
import { countPixels } from './count.ts'
import { type Luma, motionLikeness, ssim } from './likeness.ts'

export type ComparedMedia = { readonly data: Uint8Array; readonly container: 'mpegts' | 'mp4' }

export type ComparisonRequest = {
  readonly source: ComparedMedia
  readonly rendition: ComparedMedia
  /** Which pictures of the rendition are looked at: places in 0..1, in order. Whoever made it must not know them beforehand. */
  readonly places: readonly number[]
}

/** How alike the pictures of a rendition and of its source are. */
export type Comparison = {
  /** Pairs of pictures that were compared. */
  readonly pictures: number
  /** Mean SSIM at the rendition's size (at most 960 points wide): what the coding has lost. */
  readonly ssim: number
  /** SSIM of the least alike pair, each shrunk to 64 by 36 points, where coding loses next to nothing. */
  readonly likeness: number
  /** Whether the same moves in both; undefined when nothing does. */
  readonly motion: number | undefined
}

const THUMBNAIL: Size = { width: 64, height: 36 }
const THUMBNAIL_STRIDE = 4
const MAX_WIDTH = 960
/** A change of the frame rate may move a picture by so many of the source's. */
const SHIFT = 2

const SSIM_STRIDE = 8
/** Half a second: one picture in so much time is the slowest source that is still video. */
const MAX_BESIDE_TICKS = 45_000

type Look = { readonly small: Luma; readonly large: Luma }
type Pair = { readonly a: Look; readonly b: Look }

/**
 * Decodes both and compares the pictures of the same moments, each counted from the first picture of its segment.
 * `onSource` is called once the source is decoded: what goes wrong after that is the rendition's fault.
 * Throws `unsupported_input` or `no_video_frames` when one of them cannot be decoded.
 */
export function comparePictures(av: Av, request: ComparisonRequest, onSource: () => void): Comparison {
  const { source, rendition, places } = request
  const sourceInput = readInput(av, source.data, source.container)
  const renditionInput = attempt(() => readInput(av, rendition.data, rendition.container))
  // Its times are needed before its pictures are: a rendition that cannot even be read is told apart after the source is decoded.
  const times = 'value' in renditionInput ? timesOf(renditionInput.value) : []
  const wanted = moments(times, timesOf(sourceInput), places)
  const size = comparedSize(rendition)
  const sourceTimes = wanted.flatMap(({ candidates }) => candidates)
  const sourcePictures = pictures(av, sourceInput, new Set(sourceTimes), size)
  if (wanted.length > 0 && sourcePictures.size === 0)
    throw new MillraceError('no_video_frames', 'no picture of the source can be decoded')
  onSource()
  if ('error' in renditionInput) throw renditionInput.error
  if (wanted.length === 0) throw new MillraceError('no_video_frames', 'the rendition holds no picture')
  const renditionPictures = pictures(av, renditionInput.value, new Set(wanted.map(({ time }) => time)), size)
  return compare(wanted, sourcePictures, renditionPictures)
}

/** The size at which the quality is measured: the rendition's own, unless that is large. */
function comparedSize({ data, container }: ComparedMedia): Size {
  const count = attempt(() => countPixels(data, container))
  const { width, height } = 'value' in count ? count.value : THUMBNAIL
  const factor = Math.min(1, MAX_WIDTH / Math.max(width, height))
  return { width: Math.max(8, Math.round(width * factor)), height: Math.max(8, Math.round(height * factor)) }
}

type Moment = {
  /** Presentation time in the rendition. */
  readonly time: number
  /** Presentation times of the source's pictures that may be the same moment, one for each alignment; NaN where it has none. */
  readonly candidates: readonly number[]
}

function moments(rendition: readonly number[], source: readonly number[], places: readonly number[]): Moment[] {
  const first = rendition[0]
  const sourceFirst = source[0]
  if (first === undefined || sourceFirst === undefined) return []
  // Transcoders keep the source's times or begin anew; a picture that was dropped at the beginning moves the second by one.
  const offsets = new Set([0, sourceFirst - first])
  const indices = new Set(places.map((place) => Math.min(rendition.length - 1, Math.floor(place * rendition.length))))
  return [...indices].map((index) => {
    const time = rendition[index]!
    const candidates = [...offsets].flatMap((offset) => {
      const nearest = nearestIndex(source, time + offset)
      // Beside the source's time every moment would have the same picture next to it, and one that stands still would be right.
      const isBeside = Math.abs(source[nearest]! - time - offset) > MAX_BESIDE_TICKS
      return Array.from(
        { length: 2 * SHIFT + 1 },
        (_, i) => (isBeside ? undefined : source[nearest + i - SHIFT]) ?? Number.NaN,
      )
    })
    return { time, candidates }
  })
}

function compare(
  wanted: readonly Moment[],
  source: ReadonlyMap<number, Look>,
  rendition: ReadonlyMap<number, Look>,
): Comparison {
  if (rendition.size === 0)
    throw new MillraceError('no_video_frames', 'no picture of the rendition can be decoded where one was looked for')
  let best: { readonly pairs: readonly Pair[]; readonly alike: readonly number[]; readonly mean: number } | undefined
  // One alignment for all pictures: each by itself would find something alike too easily.
  for (let alignment = 0; alignment < wanted[0]!.candidates.length; alignment++) {
    const pairs = wanted.flatMap(({ time, candidates }) => {
      const a = source.get(candidates[alignment]!)
      const b = rendition.get(time)
      return a && b ? [{ a, b }] : []
    })
    // At the ends of the segment some alignments have fewer pictures.
    if (pairs.length === 0 || (best && pairs.length < best.pairs.length)) continue
    const alike = pairs.map(({ a, b }) => ssim(a.small, b.small, THUMBNAIL_STRIDE))
    const mean = average(alike)
    if (!best || pairs.length > best.pairs.length || mean > best.mean) best = { pairs, alike, mean }
  }
  if (!best) throw new MillraceError('no_video_frames', 'the rendition and its source have no moment in common')
  const { pairs, alike } = best
  return {
    pictures: pairs.length,
    likeness: Math.min(...alike),
    ssim: average(pairs.map(({ a, b }) => ssim(a.large, b.large, SSIM_STRIDE))),
    motion: motionLikeness(
      pairs.map(({ a }) => a.small),
      pairs.map(({ b }) => b.small),
    ),
  }
}

/** Decodes until the last wanted picture and keeps those of these times. */
function pictures(av: Av, input: DemuxedInput, times: ReadonlySet<number>, size: Size): ReadonlyMap<number, Look> {
  const found = new Map<number, Look>()
  const decoder = new AvDecoder(av, 1)
  const scalers = new Map<string, Scaler>()
  const missing = new Set([...times].filter((time) => !Number.isNaN(time)))
  const scaled = (frame: Frame, to: Size): Luma => {
    const key = `${frame.width}x${frame.height}:${frame.format}>${to.width}`
    let scaler = scalers.get(key)
    if (!scaler) {
      scaler = new Scaler(av, frame, to, av.constants.AV_PIX_FMT_GRAY8)
      scalers.set(key, scaler)
    }
    return luma(scaler.scale(frame))
  }
  try {
    for (const frame of decoder.decode(input)) {
      const time = Number(frame.bestEffortTimestamp)
      if (!missing.delete(time)) continue
      found.set(time, { small: scaled(frame, THUMBNAIL), large: scaled(frame, size) })
      if (missing.size === 0) break
    }
  } finally {
    decoder.close()
    for (const scaler of scalers.values()) scaler.free()
  }
  return found
}

function luma(frame: Frame): Luma {
  const { width, height } = frame
  const plane = frame.data![0]!
  const line = frame.linesize[0]!
  const data = new Uint8Array(width * height)
  for (let row = 0; row < height; row++) data.set(plane.subarray(row * line, row * line + width), row * width)
  return { width, height, data }
}

/** Presentation times in order, in 90 kHz ticks. */
const timesOf = (input: DemuxedInput): readonly number[] =>
  input.video.map(({ pts }) => Math.round(pts)).sort((a, b) => a - b)

/** The index of the value next to this one; the values are in order. */
function nearestIndex(values: readonly number[], value: number): number {
  const after = values.findIndex((other) => other >= value)
  if (after === 0) return 0
  if (after < 0) return values.length - 1
  return values[after]! - value < value - values[after - 1]! ? after : after - 1
}

const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

function attempt<T>(work: () => T): { readonly value: T } | { readonly error: unknown } {
  try {
    return { value: work() }
  } catch (error) {
    return { error }
  }
}
