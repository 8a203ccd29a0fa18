/** Where a live stream stands, in the words of ai-runner. */
export type LiveState = 'LOADING' | 'OFFLINE' | 'ONLINE' | 'DEGRADED_INPUT' | 'DEGRADED_INFERENCE' | 'ERROR'

/** What a state is told from; times in milliseconds of one clock, undefined for what has not happened. */
export type LiveFacts = {
  readonly now: number
  /** When the effect was loaded, or its parameters last changed. */
  readonly readyAt: number | undefined
  readonly loadingSince: number
  readonly lastInputAt: number | undefined
  readonly inputFps: number
  readonly lastOutputAt: number | undefined
  readonly outputFps: number
  readonly lastErrorAt: number | undefined
  readonly lastRestartAt: number | undefined
}

const LOAD_LIMIT_MS = 180_000
const FIRST_OUTPUT_MS = 10_000
const STALLED_MS = 2_000
const OUTPUT_GONE_MS = 5_000
const INPUT_GONE_MS = 90_000
const IDLE_MS = 60_000
const ERROR_SHADOW_MS = 15_000
const RESTART_SHADOW_MS = 60_000
const LEAST_INPUT_FPS = 15
const LEAST_OUTPUT_FPS = 10
/** Rates are not judged before so much of the stream was seen. */
const SETTLE_MS = 3_000

/** The state of a stream (ai spec, section 8.4). */
export function liveState(facts: LiveFacts): LiveState {
  const { now, readyAt, lastInputAt, lastOutputAt } = facts
  if (readyAt === undefined) return now - facts.loadingSince > LOAD_LIMIT_MS ? 'ERROR' : 'LOADING'
  if (lastInputAt === undefined) return 'OFFLINE'
  const inputAge = now - lastInputAt
  if (inputAge > INPUT_GONE_MS) return 'ERROR'
  if (inputAge > IDLE_MS) return 'OFFLINE'
  const flows = inputAge <= STALLED_MS
  if (lastOutputAt === undefined) {
    if (now - readyAt > FIRST_OUTPUT_MS && flows) return 'ERROR'
    return flows ? 'ONLINE' : 'DEGRADED_INPUT'
  }
  const outputAge = now - lastOutputAt
  if (flows && outputAge > OUTPUT_GONE_MS) return 'ERROR'
  const settled = now - readyAt > SETTLE_MS
  if (!flows || (settled && facts.inputFps < LEAST_INPUT_FPS)) return 'DEGRADED_INPUT'
  const recently = (at: number | undefined, ms: number) => at !== undefined && now - at < ms
  const tooSlow = settled && facts.outputFps < Math.min(LEAST_OUTPUT_FPS, 0.8 * facts.inputFps)
  if (outputAge > STALLED_MS || tooSlow) return 'DEGRADED_INFERENCE'
  if (recently(facts.lastErrorAt, ERROR_SHADOW_MS) || recently(facts.lastRestartAt, RESTART_SHADOW_MS))
    return 'DEGRADED_INFERENCE'
  return 'ONLINE'
}
