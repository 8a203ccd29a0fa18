import { type FrameSignature, type VideoSignature, WINDOW, windowsOf } from './video-signature.ts'

/** Whether two videos show the same: not at all, in part, or from one end to the other. */
export type SignatureMatch = 'none' | 'partial' | 'whole'

export type SignatureThresholds = {
  /** Frames are alike when their elements differ by less in sum; 760 is the most. */
  readonly frameDistance: number
  /** A match must have so many frames. */
  readonly minFrames: number
  /** Part of the frames of a match that must be alike. */
  readonly goodFrames: number
}

/** As go-livepeer compares. */
export const SIGNATURE_THRESHOLDS: SignatureThresholds = { frameDistance: 150, minFrames: 0, goodFrames: 0.5 }

/** Rates of the second video relative to the first are told apart in steps of a thirtieth, up to twice as fast. */
const RATE_STEPS = 30
const MAX_RATE = 2 * RATE_STEPS
/** A match may begin so many frames later in one video than in the other. */
const MAX_OFFSET = WINDOW
/** Alignments with less than this part of the most votes are not tried. */
const VOTES = 0.7
/** Frames in a row that may differ within a match. */
const TOLERATED = 2
/** Ties of a frame with others: in a still video every frame equals every other. */
const MAX_TIES = 8

const DISTANCES = ternaryDistances()

/** The sum of the differences of all 380 elements. */
export function frameDistance(a: FrameSignature, b: FrameSignature): number {
  let sum = 0
  for (let i = 0; i < a.elements.length; i++) sum += DISTANCES[a.elements[i]! * 243 + b.elements[i]!]!
  return sum
}

/**
 * Compares two videos by their signatures, in the three stages of ISO/IEC 15938-3 Amd 4: windows of 90 frames, alignments
 * on which pairs of alike frames agree (a Hough transform over rate and offset), and a walk along each alignment.
 * Windows are not sorted out by their words first: that saves time with hours of video, and segments have one window or two.
 */
export function compareSignatures(
  first: VideoSignature,
  second: VideoSignature,
  thresholds: SignatureThresholds = SIGNATURE_THRESHOLDS,
): SignatureMatch {
  let found: SignatureMatch = 'none'
  for (const [a] of windowsOf(first.frames.length))
    for (const [b] of windowsOf(second.frames.length))
      for (const alignment of alignments(first.frames, second.frames, a, b, thresholds)) {
        const match = walk(first.frames, second.frames, alignment, thresholds)
        if (match === 'whole') return match
        if (match === 'partial') found = match
      }
  return found
}

type Pair = { readonly a: number; readonly b: number; readonly distance: number }
/** One frame in each video that shows the same, and how many frames of the second pass in one of the first. */
type Alignment = { readonly anchor: Pair; readonly rate: number; readonly votes: number }

/** The alignments on which the most pairs of alike frames agree. */
function alignments(
  first: readonly FrameSignature[],
  second: readonly FrameSignature[],
  firstFrom: number,
  secondFrom: number,
  thresholds: SignatureThresholds,
): readonly Alignment[] {
  const pairs = alikePairs(first, second, firstFrom, secondFrom, thresholds.frameDistance)
  const votes = new Map<number, { anchor: Pair; rate: number; votes: number }>()
  let most = 0
  for (let i = 0; i < pairs.length; i++)
    for (let k = i + 1; k < pairs.length; k++) {
      const [p, q] = [pairs[i]!, pairs[k]!]
      if (q.a === p.a || q.b <= p.b) continue
      const rate = Math.round((RATE_STEPS * (q.b - p.b)) / (q.a - p.a))
      if (rate < 1 || rate > MAX_RATE) continue
      const offset = Math.round(p.b - secondFrom - (rate / RATE_STEPS) * (p.a - firstFrom))
      if (Math.abs(offset) > MAX_OFFSET) continue
      const key = rate * (4 * MAX_OFFSET) + offset + MAX_OFFSET
      const better = p.distance <= q.distance ? p : q
      const known = votes.get(key)
      if (!known) votes.set(key, { anchor: better, rate: rate / RATE_STEPS, votes: 1 })
      else {
        known.votes++
        if (better.distance < known.anchor.distance) known.anchor = better
      }
      most = Math.max(most, votes.get(key)!.votes)
    }
  return [...votes.values()].filter((one) => one.votes > VOTES * most).sort((a, b) => b.votes - a.votes)
}

/** For each frame of the first window those of the second that are most like it. */
function alikePairs(
  first: readonly FrameSignature[],
  second: readonly FrameSignature[],
  firstFrom: number,
  secondFrom: number,
  limit: number,
): readonly Pair[] {
  const pairs: Pair[] = []
  for (let a = firstFrom; a < Math.min(first.length, firstFrom + WINDOW); a++) {
    let least = limit
    let best: Pair[] = []
    for (let b = secondFrom; b < Math.min(second.length, secondFrom + WINDOW); b++) {
      const distance = frameDistance(first[a]!, second[b]!)
      if (distance > least || distance >= limit) continue
      if (distance < least) best = []
      least = distance
      best.push({ a, b, distance })
    }
    pairs.push(...spread(best))
  }
  return pairs
}

/** So few of equally good ones that a still video does not take for ever, from all over the window. */
const spread = (pairs: readonly Pair[]): readonly Pair[] =>
  pairs.length <= MAX_TIES
    ? pairs
    : Array.from({ length: MAX_TIES }, (_, i) => pairs[Math.floor((i * (pairs.length - 1)) / (MAX_TIES - 1))]!)

/** Goes along an alignment to both sides as long as the frames are alike. */
function walk(
  first: readonly FrameSignature[],
  second: readonly FrameSignature[],
  { anchor, rate }: Alignment,
  { frameDistance: limit, minFrames, goodFrames }: SignatureThresholds,
): SignatureMatch {
  let seen = 0
  let good = 0
  let flatFirst = 0
  let flatSecond = 0
  // Steps go along the video with more frames, so that none of either is left out twice.
  const [stepA, stepB] = rate >= 1 ? [1, rate] : [1 / rate, 1]
  const side = (direction: 1 | -1): boolean => {
    let bad = 0
    for (let step = direction === 1 ? 0 : 1; ; step++) {
      const a = first[anchor.a + direction * Math.round(step * stepA)]
      const b = second[anchor.b + direction * Math.round(step * stepB)]
      if (!a || !b) return true
      seen++
      if (frameDistance(a, b) <= limit) {
        good++
        bad = 0
        if (a.confidence < 1) flatFirst++
        if (b.confidence < 1) flatSecond++
        // Flat frames look like nothing and so are no evidence against a match.
      } else if ((a.confidence >= 1 || b.confidence >= 1) && ++bad > TOLERATED) return false
    }
  }
  const toTheEnd = side(1)
  const toTheBeginning = side(-1)
  if (good < minFrames || good < goodFrames * seen) return 'none'
  // Nor are they evidence for one when most are flat.
  if (good * 0.5 < Math.max(flatFirst, flatSecond)) return 'none'
  return toTheEnd && toTheBeginning ? 'whole' : 'partial'
}

function ternaryDistances(): Uint8Array {
  const table = new Uint8Array(243 * 256)
  for (let a = 0; a < 243; a++)
    for (let b = 0; b < 243; b++)
      for (let x = a, y = b; x > 0 || y > 0; x = Math.floor(x / 3), y = Math.floor(y / 3))
        table[a * 243 + b] = table[a * 243 + b]! + Math.abs((x % 3) - (y % 3))
  return table
}
