import type { VideoProfile } from '@millrace/wire'
import { type Size, scaledSize } from '../transcode/scaled-size.ts'

/**
 * The renditions that are no larger than the source: what is scaled up costs as much as the real thing and shows nothing more.
 * A source that is smaller than all of them gets the smallest one, at its own size.
 */
export function fitLadder(ladder: readonly VideoProfile[], source: Size): readonly VideoProfile[] {
  const fitting = ladder.filter((profile) => !isLarger(sizeOf(profile, source), source))
  if (fitting.length > 0 || ladder.length === 0) return fitting
  const smallest = ladder.reduce((least, profile) => (area(profile) < area(least) ? profile : least))
  return [{ ...smallest, width: even(source.width), height: even(source.height) }]
}

const sizeOf = (profile: VideoProfile, source: Size): Size => scaledSize(profile, source, profile.codec)

/** Encoders round sides to even numbers. */
const isLarger = (a: Size, b: Size): boolean => a.width > b.width + 1 || a.height > b.height + 1

const area = ({ width, height }: Size): number => width * height

const even = (side: number): number => Math.max(2, side - (side % 2))
