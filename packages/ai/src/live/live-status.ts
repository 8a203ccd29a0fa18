import { createHash } from 'node:crypto'
import type { BridgeCounts, StageTimes } from './live-messages.ts'
import type { LiveState } from './live-state.ts'

/** The status of a live stream with the names of the network (ai spec, section 8.4); times in milliseconds since 1970. */
export type LiveStatus = {
  readonly type: 'status'
  readonly pipeline: string
  readonly start_time: number
  readonly state: LiveState
  readonly last_state_update_time: number
  readonly input_status: { readonly last_input_time: number | null; readonly fps: number }
  readonly inference_status: {
    readonly last_output_time: number | null
    readonly fps: number
    readonly last_params_update_time: number | null
    readonly last_params?: Readonly<Record<string, unknown>> | null
    readonly last_params_hash: string | null
    readonly last_error_time: number | null
    readonly last_error: string | null
    readonly last_restart_time: number | null
    readonly last_restart_logs?: readonly string[] | null
    readonly restart_count: number
    /** Ours: pictures since the start, and mean milliseconds of each stage. */
    readonly counts: BridgeCounts
    readonly stages_ms: StageTimes
  }
  readonly timestamp: number
}

/** As upstream reckons it: MD5 of the parameters as JSON with sorted keys. */
export const paramsHash = (params: Readonly<Record<string, unknown>>): string =>
  createHash('md5')
    .update(JSON.stringify(Object.fromEntries(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)))))
    .digest('hex')

/** Counts how often something happens a second, over the last seconds. */
export class Rate {
  readonly #windowMs: number
  #samples: { readonly at: number; readonly total: number }[] = []

  constructor(windowMs = 4_000) {
    this.#windowMs = windowMs
  }

  /** `total` never falls. */
  add(at: number, total: number): void {
    this.#samples.push({ at, total })
    while (this.#samples.length > 2 && at - (this.#samples[1]?.at ?? at) >= this.#windowMs) this.#samples.shift()
  }

  perSecond(now: number): number {
    const [first] = this.#samples
    const last = this.#samples.at(-1)
    if (!first || !last || now - first.at < 500) return 0
    return Math.round(((last.total - first.total) / Math.max(now - first.at, 1)) * 10_000) / 10
  }
}
