import type { Clock } from '@millrace/base'

/** One test of one orchestrator: a clip, segment by segment. */
export type TestRun = {
  /** Its address, or off chain its service URI. */
  readonly orchestrator: string
  readonly region: string
  /** Seconds since the Unix epoch. */
  readonly timestamp: number
  readonly segmentsSent: number
  readonly segmentsReceived: number
  /** Seconds. */
  readonly segmentDuration: number
  /** Mean of those that came back, in seconds. */
  readonly roundTripTime: number
  readonly errors: readonly { readonly code: string; readonly message: string; readonly count: number }[]
}

/** What the runs of a window say about an orchestrator in one region; all from 0 to 1. */
export type Score = { readonly success_rate: number; readonly round_trip_score: number; readonly score: number }

/** Which runs count; times are seconds since the Unix epoch. */
export type ScoreQuery = {
  readonly orchestrator?: string | undefined
  readonly region?: string | undefined
  readonly since?: number | undefined
  readonly until?: number | undefined
}

/** Where runs outlive the process. */
export type RunStore = { get(key: string): string | undefined; set(key: string, value: string): void }

const WINDOW_S = 24 * 3_600
/** The runs that are kept of one orchestrator: a week of one each hour. */
const MAX_RUNS = 168
const MAX_ORCHESTRATORS = 2_000
const NAMES_KEY = 'tester/orchestrators'
const keyOf = (orchestrator: string) => `tester/runs/${orchestrator}`

/** The scores that a tester keeps, as the network's leaderboard shows them. */
export class ScoreBoard {
  readonly #store: RunStore
  readonly #clock: Clock
  readonly #runs = new Map<string, TestRun[]>()

  constructor(deps: { readonly store: RunStore; readonly clock: Clock }) {
    this.#store = deps.store
    this.#clock = deps.clock
    for (const name of JSON.parse(deps.store.get(NAMES_KEY) ?? '[]') as string[])
      this.#runs.set(name, JSON.parse(deps.store.get(keyOf(name)) ?? '[]') as TestRun[])
  }

  add(run: TestRun): void {
    const { orchestrator } = run
    const runs = [...(this.#runs.get(orchestrator) ?? []), run].slice(-MAX_RUNS)
    // Whoever was tested last is the last of the map: the first is the one to forget.
    this.#runs.delete(orchestrator)
    this.#runs.set(orchestrator, runs)
    this.#store.set(keyOf(orchestrator), JSON.stringify(runs))
    for (const oldest of this.#runs.keys()) {
      if (this.#runs.size <= MAX_ORCHESTRATORS) break
      this.#runs.delete(oldest)
      this.#store.set(keyOf(oldest), '[]')
    }
    this.#store.set(NAMES_KEY, JSON.stringify([...this.#runs.keys()]))
  }

  /** The scores of a window (24 hours when none is named): what -orchPerfStatsUrl is answered with. */
  aggregated(query: ScoreQuery = {}): Record<string, Record<string, Score>> {
    const result: Record<string, Record<string, Score>> = {}
    for (const [orchestrator, regions] of Object.entries(this.raw(query)))
      result[orchestrator] = Object.fromEntries(
        Object.entries(regions).map(([region, runs]) => {
          const scores = runs.map(scoreOf)
          const mean = (pick: (score: Score) => number) => scores.reduce((sum, s) => sum + pick(s), 0) / scores.length
          return [
            region,
            {
              success_rate: mean((s) => s.success_rate),
              round_trip_score: mean((s) => s.round_trip_score),
              score: mean((s) => s.score),
            },
          ]
        }),
      )
    return result
  }

  /** The runs of a window, oldest first. */
  raw(query: ScoreQuery = {}): Record<string, Record<string, readonly TestRun[]>> {
    const until = query.until ?? this.#clock.now() / 1_000
    const since = query.since ?? until - WINDOW_S
    const result: Record<string, Record<string, readonly TestRun[]>> = {}
    for (const [orchestrator, runs] of this.#runs) {
      if (query.orchestrator !== undefined && orchestrator.toLowerCase() !== query.orchestrator.toLowerCase()) continue
      for (const run of runs) {
        if (run.timestamp < since || run.timestamp > until) continue
        if (query.region !== undefined && run.region !== query.region.toUpperCase()) continue
        const regions = result[orchestrator] ?? {}
        result[orchestrator] = regions
        regions[run.region] = [...(regions[run.region] ?? []), run]
      }
    }
    return result
  }

  /** Regions of which there is any run. */
  regions(): readonly string[] {
    return [...new Set([...this.#runs.values()].flat().map(({ region }) => region))].sort()
  }
}

/** success_rate · (1 − e^(−segment duration / round trip)): the leaderboard's score of transcoding. */
export function scoreOf({ segmentsSent, segmentsReceived, segmentDuration, roundTripTime }: TestRun): Score {
  const success_rate = segmentsSent === 0 ? 0 : segmentsReceived / segmentsSent
  const round_trip_score = segmentsReceived === 0 ? 0 : 1 - Math.exp(-segmentDuration / Math.max(0.001, roundTripTime))
  return { success_rate, round_trip_score, score: success_rate * round_trip_score }
}
