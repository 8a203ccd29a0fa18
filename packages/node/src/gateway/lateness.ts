/** Segments shorter than this are measured as if they were so long: below it the network's own delays decide. */
const SHORTEST_MS = 1_500
/** How much the latest segment counts in the moving averages. */
const LATEST = 0.3
/** A result that is this many deviations later than usual is not coming in time (as a retransmission timer reckons, RFC 6298). */
const DEVIATIONS = 4
/** The first segment of a session starts an encoder at the other end, and takes so many times as long. */
const FIRST = 2
/** Nobody is called late sooner than this part of the deadline, however fast he was before. */
const EARLIEST = 0.5
const LONGEST_WAIT_MS = 20_000

/** How long an orchestrator's results take, as parts of the segments' durations. */
export type Pace = { readonly score: number; readonly deviation: number }

/** The time that a live segment's result may take without the stream falling behind: its own duration. */
export const paceMs = (durationMs: number): number => Math.max(SHORTEST_MS, durationMs)

/** The pace after one more result; the first one's deviation is unknown and taken to be half of it. */
export function measured(pace: Pace | undefined, score: number): Pace {
  if (!pace) return { score, deviation: score / 2 }
  return {
    score: (1 - LATEST) * pace.score + LATEST * score,
    deviation: (1 - LATEST) * pace.deviation + LATEST * Math.abs(score - pace.score),
  }
}

/**
 * Milliseconds after which a second orchestrator is asked for a segment.
 * The deadline is the segment's duration: when it has passed the next segment is complete, and every result that comes later puts the
 * stream one further segment behind the three or so that a player holds. Who was much faster before is called late sooner,
 * because a second orchestrator then still delivers before the deadline; who was never measured is starting up, and has twice the time.
 */
export function hedgeAfterMs(durationMs: number, pace: Pace | undefined): number {
  const deadline = paceMs(durationMs)
  if (!pace) return FIRST * deadline
  const usual = (pace.score + DEVIATIONS * pace.deviation) * deadline
  return Math.min(deadline, Math.max(EARLIEST * deadline, usual))
}

/** Milliseconds after which the source stands in; as long as one submission may take in the network (wire spec 3.4), so that a slow network still delivers. */
export const giveUpMs = (durationMs: number): number => Math.max(LONGEST_WAIT_MS, 6 * durationMs)
