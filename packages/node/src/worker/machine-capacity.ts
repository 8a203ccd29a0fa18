import { availableParallelism, cpus } from 'node:os'
import type { Log } from '@millrace/base'
import { generatedClip, type MeasuredCapacity, type MediaEngine, measureCapacity } from '@millrace/media'
import { DEFAULT_LADDER, type VideoProfile } from '@millrace/wire'

/** What is measured with: the source that gateways have most often. */
const SOURCE = { width: 1280, height: 720, fps: 30, seconds: 1 }
const KEPT_FOR_MS = 24 * 3_600_000
const KEY = 'machineCapacity'

export type MachineCapacityOptions = {
  readonly preset?: string | undefined
  /** Default: the ladder that gateways have by default. */
  readonly ladder?: readonly VideoProfile[] | undefined
  /** Never more than so many. */
  readonly most?: number
  readonly signal?: AbortSignal
}

export type MachineCapacityDeps = {
  readonly engine: MediaEngine
  readonly log: Log
  /** Where the result is kept, so that a restart does not measure again. */
  readonly kept: { get(key: string): string | undefined; set(key: string, value: string): void }
  readonly now?: () => number
}

type Kept = { readonly about: string; readonly atMs: number; readonly sessions: number }

/**
 * How many sessions this machine can take: measured with the engine itself, for 10 s at most and one step more, or what was measured in the last day
 * with the same engine, preset and ladder on the same CPU. Throws what the engine reports.
 */
export async function machineCapacity(options: MachineCapacityOptions, deps: MachineCapacityDeps): Promise<number> {
  const { preset, ladder = DEFAULT_LADDER, most, signal } = options
  const { engine, log, kept, now = Date.now } = deps
  const { name, version } = engine.info
  const cpu = `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}`
  const about = JSON.stringify({ name, version, preset, ladder, most, cpu })
  const known = read(kept.get(KEY))
  if (known?.about === about && Math.abs(now() - known.atMs) < KEPT_FOR_MS) {
    log.info('sessions at once, as measured before', { sessions: known.sessions, at: new Date(known.atMs) })
    return known.sessions
  }
  log.info('measuring how many sessions this machine can take', { cpu, engine: name, version })
  const [clip] = await generatedClip({ ...SOURCE, engine: name, ...(signal && { signal }) }, { log })
  const found = await measureCapacity(
    { clip: clip!, profiles: ladder, ...(most !== undefined && { most }), ...(signal && { signal }) },
    { engine },
  )
  tell(found, ladder, log)
  // A machine that keeps up with nothing may have been busy: it is measured again at the next start.
  if (found.ratio <= 1) kept.set(KEY, JSON.stringify({ about, atMs: now(), sessions: found.sessions } satisfies Kept))
  return found.sessions
}

function tell(found: MeasuredCapacity, ladder: readonly VideoProfile[], log: Log): void {
  const { sessions, ratio, bound, steps, elapsedMs } = found
  log.info('sessions at once, as measured', {
    sessions,
    ...{ realTimeRatio: round(ratio), boundBy: bound, elapsedMs: Math.round(elapsedMs) },
    renditions: ladder.map((profile) => profile.name).join(','),
    steps: steps.map((step) => `${step.sessions}: ${round(step.ratio)}`).join(', '),
  })
  if (ratio > 1)
    log.warn('this machine is slower than live video even with one session: take a faster -preset', {
      realTimeRatio: round(ratio),
    })
}

const round = (ratio: number): number => Number(ratio.toFixed(2))

function read(text: string | undefined): Kept | undefined {
  try {
    const kept = JSON.parse(text ?? 'null') as Kept | null
    return kept && Number.isSafeInteger(kept.sessions) && kept.sessions > 0 ? kept : undefined
  } catch {
    return undefined
  }
}
