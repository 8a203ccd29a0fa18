import { MillraceError } from '@millrace/base'
import type { VideoProfile } from '@millrace/wire'
import type { MediaEngine } from '../transcode/engine.ts'
import { type RenditionSegment, WholeSegments } from '../transcode/transcode-segment.ts'
import type { BenchSegment } from './clip.ts'
import { repeated } from './repeat.ts'
import type { Measured } from './sessions.ts'

/** A session may take this part of a segment's length at most: what is left is for bad moments. The network's own advice for livepeer_bench. */
export const REAL_TIME_RATIO = 0.8
/** Nobody needs more in one process; each takes one of its own, with its memory. */
const MOST_SESSIONS = 256
const LEAST_MEMORY = 256 * 1024 * 1024

/** How long the segments of so many sessions took, as a part of their own length. */
export type CapacityStep = { readonly sessions: number; readonly ratio: number }

/** What a machine can take. */
export type MeasuredCapacity = {
  /** At least 1, also where not even one session keeps up: `ratio` tells. */
  readonly sessions: number
  /** Of so many sessions; above 1 they are slower than the clock. */
  readonly ratio: number
  /** What set the bound: the CPU, free memory, the time for measuring, or the most that was asked for. */
  readonly bound: 'cpu' | 'memory' | 'time' | 'most'
  readonly steps: readonly CapacityStep[]
  readonly elapsedMs: number
}

export type CapacityOptions = {
  readonly clip: BenchSegment
  readonly profiles: readonly VideoProfile[]
  /** No step begins after this time. Default 10 s. */
  readonly budgetMs?: number
  /** Default 256. */
  readonly most?: number
  readonly signal?: AbortSignal
}

export type CapacityDeps = {
  readonly engine: MediaEngine
  readonly onSegment?: (measured: Measured) => void
  /** Bytes that are free for further processes. */
  readonly freeMemory?: () => number
  /** Milliseconds; for tests. */
  readonly now?: () => number
}

type Session = { readonly whole: WholeSegments; next: number }

/**
 * How many sessions of an engine keep up with the clock at once, all at full speed: the number is doubled until they do not,
 * then narrowed down. Throws what the engine reports, and `no_pictures`.
 */
export async function measureCapacity(options: CapacityOptions, deps: CapacityDeps): Promise<MeasuredCapacity> {
  const { budgetMs = 10_000, most = MOST_SESSIONS, signal } = options
  const { now = () => performance.now(), freeMemory = () => process.availableMemory() } = deps
  const began = now()
  const { durationMs } = options.clip
  const stream = await repeated(options.clip)
  const open: Session[] = []
  const steps: CapacityStep[] = []
  const transcode = async (session: Session): Promise<readonly RenditionSegment[]> => {
    const seq = session.next++
    const { renditions } = await session.whole.transcode({ seq, data: stream.at(seq), container: 'mpegts' }, { signal })
    if (renditions.some(({ frames }) => frames === 0))
      throw new MillraceError('no_pictures', 'the engine made no pictures of the clip: measure with another one')
    return renditions
  }
  /** A new session transcodes once uncounted: its process starts, and fills its buffers. */
  const grow = async (sessions: number) => {
    const added = Array.from({ length: Math.max(0, sessions - open.length) }, async () => {
      const whole = new WholeSegments(await deps.engine.open({ profiles: options.profiles, signal }))
      const session = { whole, next: 0 }
      open.push(session)
      await transcode(session)
    })
    await Promise.all(added)
  }
  const measure = async (sessions: number): Promise<CapacityStep> => {
    await grow(sessions)
    const measured = open.slice(0, sessions)
    // Made before the time is taken.
    for (const { next } of measured) stream.at(next)
    const start = now()
    const taken = measured.map(async (session, index) => {
      const renditions = await transcode(session)
      const elapsedMs = now() - start
      deps.onSegment?.({ session: index, segment: steps.length, durationMs, elapsedMs, at: new Date(), renditions })
      return elapsedMs / durationMs
    })
    const ratios = await Promise.all(taken)
    const step = { sessions, ratio: ratios.reduce((sum, ratio) => sum + ratio, 0) / sessions }
    steps.push(step)
    return step
  }
  try {
    let good = await measure(1)
    let bad: CapacityStep | undefined = good.ratio > REAL_TIME_RATIO ? good : undefined
    let bound: MeasuredCapacity['bound'] = 'cpu'
    while ((bad?.sessions ?? most + 1) - good.sessions > 1) {
      if (now() - began > budgetMs) {
        bound = 'time'
        break
      }
      const wanted = bad ? between(good, bad) : Math.min(most, good.sessions * 2)
      if (wanted > open.length && freeMemory() < LEAST_MEMORY) {
        bound = 'memory'
        break
      }
      const step = await measure(wanted)
      if (step.ratio > REAL_TIME_RATIO) bad = step
      else good = step
    }
    if (bound === 'cpu' && !bad) bound = 'most'
    return { ...good, bound, steps, elapsedMs: now() - began }
  } finally {
    await Promise.all(open.map(({ whole }) => whole.close()))
  }
}

/** The number to try next: where the line through both crosses the ratio that is aimed at, but always nearer. */
function between(good: CapacityStep, bad: CapacityStep): number {
  const slope = (bad.ratio - good.ratio) / (bad.sessions - good.sessions)
  const guess = Math.floor(good.sessions + (REAL_TIME_RATIO - good.ratio) / slope)
  const middle = (good.sessions + bad.sessions) >> 1
  return Number.isFinite(guess) ? Math.min(bad.sessions - 1, Math.max(good.sessions + 1, guess)) : middle
}
