import type { VideoCodec } from '@millrace/wire'
import type { Comparison, SampleComparison } from './compare.ts'

/**
 * Below it the pictures are others. Measured on many kinds of pictures: black or another stream's reach 0.25 at most,
 * true renditions 0.49 at least, with so few bits that nobody would want to watch them.
 */
const MIN_LIKENESS = 0.3
/**
 * Below it other things move, or nothing does: 0.05 at most when earlier or frozen pictures stand in, 0.22 at least in true renditions.
 * Only white noise with hardly any bits left falls below it by itself.
 */
const MIN_MOTION = 0.15
/** Every other picture repeated gives 0.5, true renditions 0; next to no bits make them stand still now and then. */
const MAX_STILLNESS = 0.35
/** Part of the segment; true renditions 0. */
const MAX_FROZEN = 0.3

/**
 * Two builds of x264 differ by 0.08 dB, its fastest preset and veryfast by more where the rate is tight. Builds of libvpx differ by 0.17 dB;
 * those of SVT-AV1 by 0.86 dB with a third of the bytes, since its constant rate is young: some who save bits pass there.
 */
const MAX_LOSS_DB: Readonly<Record<VideoCodec, number>> = { h264: 0.3, h265: 0.3, vp8: 0.5, vp9: 0.5, av1: 1.2 }
/** What twice the bytes bring at least: who spent more bytes than the sample must be better for it. */
const DB_PER_DOUBLING = 2
/** Fewer bytes or less detail are a fault only where they are seen: from this part of the loss on that is one by itself. */
const SEEN_PART = 0.5
/** A quarter of the rate gives 0.33 at most. */
const MIN_BYTES = 0.5
/** Pictures scaled up from a bit more than half of the size have 0.03 to 0.41, true renditions of the worst kind 0.67. */
const MIN_DETAIL = 0.45
/** With few bits, what is scaled up is not always worse: so little detail is a fault whatever was lost. Builds of young encoders differ in it. */
const MIN_DETAIL_ALONE: Readonly<Record<VideoCodec, number>> = {
  h264: 0.45,
  h265: 0.45,
  vp8: 0.35,
  vp9: 0.35,
  av1: 0.25,
}
/** With cheaper tools a rendition must be clearly better, or it was made with less work than agreed. */
const CHEAP_TOOLS_GAIN_DB = 0.3

/** What is wrong with a rendition that was compared with its source, as a sentence; undefined when nothing is. */
export function faultOf(comparison: Comparison): string | undefined {
  const { likeness, motion, worstMotion, stillness, frozen, sample } = comparison
  if (likeness < MIN_LIKENESS) return `it shows something else than the source (likeness ${likeness.toFixed(2)})`
  if (frozen > MAX_FROZEN)
    return `it stands still for ${Math.round(100 * frozen)} % of the segment, its source does not`
  if (motion !== undefined && motion < MIN_MOTION)
    return `it does not move as the source does (likeness of the motion ${motion.toFixed(2)})`
  if (worstMotion !== undefined && worstMotion < MIN_MOTION)
    return `in a part it does not move as the source does (likeness of the motion ${worstMotion.toFixed(2)})`
  if (stillness > MAX_STILLNESS)
    return `at ${Math.round(100 * stillness)} % of its source's changes it repeats a picture`
  return sample && sampleFault(sample)
}

function sampleFault({ codec, lossDb, detail, bytes, cheapEntropy }: SampleComparison): string | undefined {
  const most = MAX_LOSS_DB[codec]
  const loss = `${lossDb.toFixed(1)} dB worse than one made as agreed`
  if (bytes < MIN_BYTES && lossDb > (codec === 'av1' ? most : SEEN_PART * most))
    return `it has ${Math.round(100 * bytes)} % of the bytes that it should have, and is ${loss}`
  if (detail < MIN_DETAIL_ALONE[codec] || (detail < MIN_DETAIL && lossDb > SEEN_PART * most))
    return `it has ${Math.round(100 * detail)} % of the detail that it should have, as if scaled up, and is ${loss}`
  const lossAtSameRate = lossDb + DB_PER_DOUBLING * Math.log2(Math.max(1, bytes))
  if (lossAtSameRate > most)
    return `it is ${lossAtSameRate.toFixed(1)} dB worse than one made as agreed with as many bytes`
  if (cheapEntropy && lossAtSameRate > -CHEAP_TOOLS_GAIN_DB)
    return `it is coded without CABAC, which costs less work than agreed, and is ${lossAtSameRate.toFixed(1)} dB worse with as many bytes`
  return undefined
}
