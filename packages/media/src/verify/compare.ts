import { MillraceError } from '@millrace/base'
import type { VideoCodec } from '@millrace/wire'
import { decodeAvcConfig } from '../h264/avcc.ts'
import { inspectAccessUnit } from '../h264/nal.ts'
import { usesCabac } from '../h264/pps.ts'
import type { Av } from '../process/av.ts'
import { type DemuxedInput, readInput } from '../transcode/input.ts'
import type { Size } from '../transcode/scaled-size.ts'
import { countPixels } from './count.ts'
import { decibels, detailOf } from './detail.ts'
import { type Luma, ssim } from './likeness.ts'
import { type Looks, lookAt, THUMBNAIL } from './looks.ts'
import { type Motion, motionOf } from './motion.ts'
import { encodeSample, type SampleRequest } from './sample.ts'

export type ComparedMedia = { readonly data: Uint8Array; readonly container: 'mpegts' | 'mp4' }

export type ComparisonRequest = {
  readonly source: ComparedMedia
  readonly rendition: ComparedMedia
  /** At which pictures of the rendition the quality is measured: places in 0..1, in order. Whoever made it must not know them beforehand. */
  readonly places: readonly number[]
  /** Encodes the same here, to compare the quality with; costs as much as the rendition did. */
  readonly sample?: SampleRequest | undefined
}

/** How alike the pictures of a rendition and of its source are. */
export type Comparison = Motion & {
  /** Pairs of pictures whose quality was measured. */
  readonly pictures: number
  /** Mean SSIM of these at the rendition's size (at most 1280 points wide): what the coding has lost. */
  readonly ssim: number
  /** SSIM of the least alike of all pairs, each shrunk to 64 by 36 points, where coding loses next to nothing. */
  readonly likeness: number
  /** Present when a sample was encoded. */
  readonly sample?: SampleComparison | undefined
}

/** How a rendition compares with one that was made here as agreed. */
export type SampleComparison = {
  /** What both are coded in: encoders differ in how much their builds differ. */
  readonly codec: VideoCodec
  /** By how much the rendition is worse, in decibels of SSIM; negative when it is better. */
  readonly lossDb: number
  /** Fine detail of the rendition, the sample's being 1. */
  readonly detail: number
  /** Bytes of its coded pictures, the sample's being 1. */
  readonly bytes: number
  /** True where the sample is coded arithmetically and the rendition is not, which costs less work and a tenth more bits. */
  readonly cheapEntropy: boolean
}

const THUMBNAIL_STRIDE = 4
const MAX_WIDTH = 1_280
/** A change of the frame rate may move a picture by so many of the source's. */
const SHIFT = 2

const SSIM_STRIDE = 8
/** Half a second: one picture in so much time is the slowest source that is still video. */
const MAX_BESIDE_TICKS = 45_000

/** A rendition's picture and the one of the source that it should show, by their times. */
type TimePair = { readonly rendition: number; readonly source: number }

/**
 * Decodes both and compares the pictures of the same moments, each counted from the first picture of its segment.
 * `onSource` is called once the source is decoded, and the sample made: what goes wrong after that is the rendition's fault.
 * Throws `unsupported_input` or `no_video_frames` when one of them cannot be decoded.
 */
export async function comparePictures(av: Av, request: ComparisonRequest, onSource: () => void): Promise<Comparison> {
  const { source, rendition, places } = request
  const sourceInput = readInput(av, source.data, source.container)
  const renditionInput = attempt(() => readInput(av, rendition.data, rendition.container))
  // Its times are needed before its pictures are: a rendition that cannot even be read is told apart after the source is decoded.
  const times = 'value' in renditionInput ? timesOf(renditionInput.value) : []
  const sourceTimes = timesOf(sourceInput)
  const wanted = [
    ...new Set(places.map((place) => times[Math.min(times.length - 1, Math.floor(place * times.length))])),
  ]
  const alignments = alignmentsOf(times, sourceTimes)
  const wantedOfSource = new Set(wanted.flatMap((time) => alignments.map((align) => align(time ?? Number.NaN))))
  const size = comparedSize(rendition)
  const sourceLooks = lookAt(av, sourceInput, wantedOfSource, size)
  if (sourceLooks.small.size === 0)
    throw new MillraceError('no_video_frames', 'no picture of the source can be decoded')
  const sampled = request.sample && (await lookAtSample(av, source, request.sample, new Set(wanted), times, size))
  onSource()
  if ('error' in renditionInput) throw renditionInput.error
  if (times.length === 0) throw new MillraceError('no_video_frames', 'the rendition holds no picture')
  const looks = lookAt(av, renditionInput.value, new Set(wanted as number[]), size)
  if (looks.small.size === 0) throw new MillraceError('no_video_frames', 'no picture of the rendition can be decoded')
  const { pairs, likeness } = aligned(alignments, sourceLooks, looks)
  const large = pairs.flatMap((pair) => {
    const [a, b] = [sourceLooks.large.get(pair.source), looks.large.get(pair.rendition)]
    return a && b ? [{ a, b, time: pair.rendition }] : []
  })
  if (large.length === 0)
    throw new MillraceError('no_video_frames', 'the rendition and its source have no moment in common')
  const quality = large.map(({ a, b }) => ssim(a, b, SSIM_STRIDE))
  const bytes = bytesOf(renditionInput.value)
  const isPlain = cabacOf(av, renditionInput.value) === false
  return {
    pictures: large.length,
    ssim: average(quality),
    likeness,
    ...motionOf(
      oneForEachOfSource(pairs).map((pair) => ({
        source: sourceLooks.small.get(pair.source)!,
        rendition: looks.small.get(pair.rendition)!,
      })),
    ),
    ...(sampled && { sample: compareWithSample(large, quality, { ...sampled, renditionBytes: bytes, isPlain }) }),
  }
}

/** A rendition of a higher rate repeats pictures, sometimes a little early: of those that belong to one picture of the source the first one counts. */
const oneForEachOfSource = (pairs: readonly TimePair[]): readonly TimePair[] =>
  pairs.filter(({ source }, i) => pairs[i - 1]?.source !== source)

type LargePair = { readonly a: Luma; readonly b: Luma; readonly time: number }
type Sampled = {
  readonly codec: VideoCodec
  readonly looks: ReadonlyMap<number, Luma>
  readonly bytes: number
  readonly cabac: boolean | undefined
}

/** The sample's pictures at the rendition's times. */
async function lookAtSample(
  av: Av,
  source: ComparedMedia,
  request: SampleRequest,
  wanted: ReadonlySet<number | undefined>,
  times: readonly number[],
  size: Size,
): Promise<Sampled> {
  const made = await encodeSample(av, source, request)
  const input = readInput(av, made.data, made.container)
  const own = timesOf(input)
  const offset = own[0]! - (times[0] ?? 0)
  const at = new Map<number, number>()
  for (const time of wanted) if (time !== undefined) at.set(time, own[nearestIndex(own, time + offset)]!)
  const { large } = lookAt(av, input, new Set(at.values()), size)
  const looks = new Map([...at].flatMap(([time, ownTime]) => (large.has(ownTime) ? [[time, large.get(ownTime)!]] : [])))
  return { codec: request.profile.codec, looks, bytes: bytesOf(input), cabac: cabacOf(av, input) }
}

function compareWithSample(
  pairs: readonly LargePair[],
  quality: readonly number[],
  { codec, looks, bytes, cabac, ...made }: Sampled & { readonly renditionBytes: number; readonly isPlain: boolean },
): SampleComparison {
  const both = pairs.flatMap(({ a, b, time }, i) => {
    const sample = looks.get(time)
    return sample ? [{ ssim: quality[i]!, own: ssim(a, sample, SSIM_STRIDE), b, sample }] : []
  })
  const detail = (of: (pair: (typeof both)[number]) => Luma) => average(both.map((pair) => detailOf(of(pair))))
  return {
    codec,
    lossDb: decibels(average(both.map(({ own }) => own))) - decibels(average(both.map((pair) => pair.ssim))),
    detail:
      detail(({ b }) => b) /
      Math.max(
        0.01,
        detail(({ sample }) => sample),
      ),
    bytes: made.renditionBytes / Math.max(1, bytes),
    cheapEntropy: cabac === true && made.isPlain,
  }
}

/** The size at which the quality is measured: the rendition's own, unless that is large. */
function comparedSize({ data, container }: ComparedMedia): Size {
  const count = attempt(() => countPixels(data, container))
  const { width, height } = 'value' in count ? count.value : THUMBNAIL
  const factor = Math.min(1, MAX_WIDTH / Math.max(width, height))
  return { width: Math.max(8, Math.round(width * factor)), height: Math.max(8, Math.round(height * factor)) }
}

/** For a rendition's time the time of the source's picture that may be the same moment, or NaN. */
type Alignment = (time: number) => number

function alignmentsOf(rendition: readonly number[], source: readonly number[]): readonly Alignment[] {
  const first = rendition[0]
  const sourceFirst = source[0]
  if (first === undefined || sourceFirst === undefined) return []
  // Transcoders keep the source's times or begin anew; a picture that was dropped at the beginning moves the second by one.
  const offsets = new Set([0, sourceFirst - first])
  return [...offsets].flatMap((offset) =>
    Array.from({ length: 2 * SHIFT + 1 }, (_, i) => (time: number) => {
      const nearest = nearestIndex(source, time + offset)
      // Beside the source's time every moment would have the same picture next to it, and one that stands still would be right.
      if (!(Math.abs(source[nearest]! - time - offset) <= MAX_BESIDE_TICKS)) return Number.NaN
      return source[nearest + i - SHIFT] ?? Number.NaN
    }),
  )
}

/** One alignment for all pictures: each by itself would find something alike too easily. */
function aligned(
  alignments: readonly Alignment[],
  source: Looks,
  rendition: Looks,
): { readonly pairs: readonly TimePair[]; readonly likeness: number } {
  const times = [...rendition.small.keys()].sort((a, b) => a - b)
  const candidates = alignments.map((align) =>
    times.flatMap((time) => {
      const other = align(time)
      return source.small.has(other) ? [{ rendition: time, source: other }] : []
    }),
  )
  // At the ends of the segment some alignments have fewer pictures.
  const enough = Math.max(1, Math.max(0, ...candidates.map(({ length }) => length)) - SHIFT)
  let best:
    | { readonly pairs: readonly TimePair[]; readonly alike: readonly number[]; readonly mean: number }
    | undefined
  for (const pairs of candidates) {
    if (pairs.length < enough) continue
    const alike = pairs.map((pair) =>
      ssim(source.small.get(pair.source)!, rendition.small.get(pair.rendition)!, THUMBNAIL_STRIDE),
    )
    const mean = average(alike)
    if (!best || mean > best.mean) best = { pairs, alike, mean }
  }
  if (!best) throw new MillraceError('no_video_frames', 'the rendition and its source have no moment in common')
  return { pairs: best.pairs, likeness: leastAlike(best, source, rendition) }
}

/** At a cut, the picture before or after it may be the right one, when the rate was changed. */
function leastAlike(
  { pairs, alike }: { readonly pairs: readonly TimePair[]; readonly alike: readonly number[] },
  source: Looks,
  rendition: Looks,
): number {
  let least = Number.POSITIVE_INFINITY
  for (const [i, value] of alike.entries()) {
    if (value >= least) continue
    const beside = [i - 1, i + 1].flatMap((j) => {
      const other = pairs[j] && source.small.get(pairs[j].source)
      return other ? [ssim(other, rendition.small.get(pairs[i]!.rendition)!, THUMBNAIL_STRIDE)] : []
    })
    least = Math.min(least, Math.max(value, ...beside))
  }
  return least
}

/** Presentation times in order, in 90 kHz ticks. */
const timesOf = (input: DemuxedInput): readonly number[] =>
  input.video.map(({ pts }) => Math.round(pts)).sort((a, b) => a - b)

const bytesOf = (input: DemuxedInput): number => input.video.reduce((sum, { data }) => sum + data.length, 0)

/** Whether pictures of H.264 are coded arithmetically; undefined where that cannot be read. */
function cabacOf(av: Av, { codecId, extradata, video }: DemuxedInput): boolean | undefined {
  if (codecId !== av.constants.AV_CODEC_ID_H264) return undefined
  const found = attempt(() => {
    const config = extradata?.[0] === 1 ? decodeAvcConfig(extradata) : undefined
    const pps = config ? config.pps[0] : video[0] && inspectAccessUnit(video[0].data, 'h264').pps
    return pps && usesCabac(pps)
  })
  return 'value' in found ? found.value : undefined
}

/** The index of the value next to this one; the values are in order. */
function nearestIndex(values: readonly number[], value: number): number {
  let low = 0
  let high = values.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (values[middle]! < value) low = middle + 1
    else high = middle
  }
  return low > 0 && value - values[low - 1]! <= values[low]! - value ? low - 1 : low
}

const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

function attempt<T>(work: () => T): { readonly value: T } | { readonly error: unknown } {
  try {
    return { value: work() }
  } catch (error) {
    return { error }
  }
}
