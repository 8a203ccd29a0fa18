import { MillraceError } from '@millrace/base'
import type { VideoProfile } from '@millrace/wire'
import { factsOf } from '../playlist/probe.ts'
import { readMp4Frames } from '../remux/mp4-reader.ts'
import { sourceFps } from '../transcode/av-transcoder.ts'
import type { EngineSession, MediaEngine } from '../transcode/engine.ts'
import type { Size } from '../transcode/scaled-size.ts'
import { WholeSegments } from '../transcode/transcode-segment.ts'
import { demuxTs } from '../ts/demuxer.ts'
import { countPixels } from '../verify/count.ts'

/** A piece of the source, a few seconds long. */
export type ComplexitySample = { readonly data: Uint8Array; readonly container: 'mpegts' | 'mp4' }

/** What a fixed quality takes at one size. */
export type ComplexityPoint = { readonly pixels: number; readonly bitsPerSecond: number }

/** How hard a source is to encode: what a fixed quality takes at two sizes. */
export type Complexity = {
  readonly source: Size
  readonly fps: number
  /** The larger size first. */
  readonly points: readonly [ComplexityPoint, ComplexityPoint]
}

/** x264's constant rate factor: pictures that hardly anybody tells from the source at this size. */
const QUALITY = 24
/** Longer side of the pictures that are encoded. A fixed quality takes so little time there that a live stream can wait for it. */
const LONG_SIDE = 640
const SHORTEST_SIDE = 146

/**
 * Encodes a sample small and fast at a fixed quality, and tells what it took. Throws `no_video_frames`, or what the engine reports.
 */
export async function measureComplexity(
  sample: ComplexitySample,
  deps: { readonly engine: Pick<MediaEngine, 'open'> },
  options: { readonly signal?: AbortSignal | undefined; readonly deadlineMs?: number } = {},
): Promise<Complexity> {
  const all = sample.container === 'mp4' ? readMp4Frames(sample.data) : demuxTs(sample.data).frames
  const video = all.filter(({ kind }) => kind === 'video')
  const { width, height } = factsOf(video)
  if (!width || !height) throw new MillraceError('no_video_frames', 'the sample holds no picture whose size is known')
  const fps = sourceFps({ video })
  const long = Math.max(width, height)
  const larger = Math.min(LONG_SIDE, long)
  const profiles = [larger, Math.max(SHORTEST_SIDE, larger / 2)].map((side) =>
    probeProfile(side / long, { width, height }),
  )
  const session: EngineSession = await deps.engine.open({ profiles, preset: 'superfast', signal: options.signal })
  const whole = new WholeSegments(session)
  try {
    const { renditions } = await whole.transcode({ seq: 0, ...sample }, options)
    const [first, second] = renditions.map(({ data }) => {
      const { width, height, frames, pictureBytes } = countPixels(data, 'mpegts')
      return { pixels: width * height, bitsPerSecond: Math.round((pictureBytes * 8 * fps) / frames) }
    })
    return { source: { width, height }, fps, points: [first!, second!] }
  } finally {
    await whole.close()
  }
}

const probeProfile = (factor: number, { width, height }: Size): VideoProfile => ({
  ...{ name: `probe-${factor}`, width: Math.round(width * factor), height: Math.round(height * factor) },
  // The rate is a mere cap, far above what so small pictures take.
  ...{ bitrateBps: 50_000_000, quality: QUALITY, fps: 0, gopMs: 1_000 },
  ...{ format: 'mpegts', codec: 'h264', profile: 'constrainedHigh' },
})
