import { type Clock, systemClock } from '@millrace/base'
import type { VideoProfile } from '@millrace/wire'
import type { MediaEngine } from '../transcode/engine.ts'
import { type RenditionSegment, WholeSegments } from '../transcode/transcode-segment.ts'
import type { BenchSegment } from './clip.ts'

/** One segment that a session has transcoded. */
export type Measured = {
  /** Counts from 0. */
  readonly session: number
  /** Its place in the clip, from 0. */
  readonly segment: number
  readonly durationMs: number
  /** What transcoding all renditions took; reading the segment is not counted. */
  readonly elapsedMs: number
  /** When it was done. */
  readonly at: Date
  readonly renditions: readonly RenditionSegment[]
}

export type SideBySideOptions = {
  readonly sessions: number
  readonly segments: readonly BenchSegment[]
  readonly profiles: readonly VideoProfile[]
  /** A segment begins no earlier than at the speed of a clock, as of a live stream. */
  readonly live: boolean
  /** How much later than the one before it each session begins, so that they do not keep step. */
  readonly staggerMs?: number
  readonly signal?: AbortSignal
}

export type SideBySideDeps = {
  readonly engine: MediaEngine
  readonly onSegment: (measured: Measured) => void | Promise<void>
  readonly clock?: Clock
}

/** Transcodes a clip in several sessions at once and tells of each segment. Throws what the engine reports; the others are stopped then. */
export async function transcodeSideBySide(options: SideBySideOptions, deps: SideBySideDeps): Promise<void> {
  const { sessions, staggerMs = 0, profiles, segments, live } = options
  const { engine, onSegment, clock = systemClock } = deps
  const failed = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal
  const one = async (session: number) => {
    await clock.sleep(session * staggerMs, { signal })
    const whole = new WholeSegments(await engine.open({ profiles, signal }))
    try {
      for (const [segment, { durationMs, container, read }] of segments.entries()) {
        const began = performance.now()
        const data = await read()
        const start = performance.now()
        const { renditions } = await whole.transcode({ seq: segment, data, container }, { signal })
        const elapsedMs = performance.now() - start
        await onSegment({ session, segment, durationMs, elapsedMs, at: new Date(), renditions })
        const left = durationMs - (performance.now() - began)
        if (live && left > 0 && segment < segments.length - 1) await clock.sleep(left, { signal })
      }
    } finally {
      await whole.close()
    }
  }
  const running = Array.from({ length: sessions }, (_, session) => one(session))
  try {
    await Promise.all(running)
  } catch (error) {
    failed.abort(error)
    await Promise.allSettled(running)
    throw error
  }
}
