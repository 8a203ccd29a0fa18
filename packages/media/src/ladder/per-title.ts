import type { VideoCodec, VideoProfile } from '@millrace/wire'
import { scaledSize } from '../transcode/scaled-size.ts'
import type { Complexity } from './complexity.ts'

/** Whether rates may only fall below those of the ladder, or rise above them too. */
export type PerTitleMode = 'lower' | 'both'

/** A ladder whose rates were set to its source, and why they are what they are. */
export type PerTitleLadder = {
  readonly ladder: readonly VideoProfile[]
  readonly rates: readonly { readonly name: string; readonly ladderBps: number; readonly bps: number }[]
  /** How many samples were looked at; the hardest one counts. */
  readonly samples: number
  /** What the fixed quality took at the size that was measured, in bits a pixel: about 0.01 for slides, 0.3 for noise. */
  readonly bitsPerPixel: number
}

/** No rendition falls below this part of what the ladder says: the few seconds that were looked at may have been the easy ones. */
const LEAST = 0.25
const MOST: Readonly<Record<PerTitleMode, number>> = { lower: 1, both: 2 }
/** What is sent at a constant rate has harder moments than the mean. */
const HEADROOM = 1.3
/** What a codec needs of H.264's rate; less is known of real-time encoders than of patient ones. */
const CODEC_RATE: Readonly<Record<VideoCodec, number>> = { h264: 1, h265: 0.75, vp8: 1, vp9: 0.8, av1: 0.7 }
/** Rate grows more slowly than the number of pictures, since neighbours in time are more alike. */
const FPS_POWER = 0.6
/** How rate grows with the number of pixels lies between these for all but made-up pictures. */
const SIZE_POWER = { least: 0.5, most: 1 }
const STEP_BPS = 1_000

/** The ladder with rates set between a quarter of its own and its own, or twice that with `both`, by what the hardest sample took. */
export function perTitleLadder(
  ladder: readonly VideoProfile[],
  samples: readonly Complexity[],
  mode: PerTitleMode,
): PerTitleLadder | undefined {
  const hardest = samples.toSorted((a, b) => perPixel(b) - perPixel(a))[0]
  if (!hardest) return undefined
  const set = ladder.map((profile) => {
    const wanted = HEADROOM * CODEC_RATE[profile.codec] * rateAt(hardest, profile)
    const least = LEAST * profile.bitrateBps
    const bounded = Math.min(MOST[mode] * profile.bitrateBps, Math.max(least, wanted))
    return { ...profile, bitrateBps: Math.min(ceil(bounded), Math.round(MOST[mode] * profile.bitrateBps)) }
  })
  return {
    ladder: set,
    rates: ladder.map(({ name, bitrateBps: ladderBps }, i) => ({ name, ladderBps, bps: set[i]!.bitrateBps })),
    samples: samples.length,
    bitsPerPixel: Math.round(perPixel(hardest) * 10_000) / 10_000,
  }
}

/** What the fixed quality would take at the size and rate of a profile, by a power law through both points. */
function rateAt({ source, fps, points: [large, small] }: Complexity, profile: VideoProfile): number {
  const { width, height } = scaledSize(profile, source, profile.codec)
  const power = Math.log(large.bitsPerSecond / small.bitsPerSecond) / Math.log(large.pixels / small.pixels)
  const sane = Math.min(SIZE_POWER.most, Math.max(SIZE_POWER.least, Number.isFinite(power) ? power : SIZE_POWER.most))
  const bySize = large.bitsPerSecond * ((width * height) / large.pixels) ** sane
  const rate = profile.fps > 0 ? profile.fps / (profile.fpsDen ?? 1) : fps
  return bySize * (rate / fps) ** FPS_POWER
}

const perPixel = ({ fps, points: [large] }: Complexity): number => large.bitsPerSecond / (large.pixels * fps)

const ceil = (bps: number): number => Math.ceil(bps / STEP_BPS) * STEP_BPS
