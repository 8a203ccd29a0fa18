import type { Comparison } from './compare.ts'

/**
 * Below it the pictures are others. Measured on ten kinds of pictures: black or another stream's reach 0.10 at most,
 * true renditions 0.49 at least, with so few bits that nobody would want to watch them.
 */
const MIN_LIKENESS = 0.3
/**
 * Below it other things move, or nothing does: 0.05 at most when earlier or frozen pictures stand in, 0.22 at least in true renditions.
 * Only white noise with hardly any bits left falls below it by itself.
 */
const MIN_MOTION = 0.15

/** What is wrong with a rendition that was compared with its source, as a sentence; undefined when nothing is. */
export function faultOf({ likeness, motion }: Comparison): string | undefined {
  if (likeness < MIN_LIKENESS) return `it shows something else than the source (likeness ${likeness.toFixed(2)})`
  if (motion !== undefined && motion < MIN_MOTION)
    return `it does not move as the source does (likeness of the motion ${motion.toFixed(2)})`
  return undefined
}
