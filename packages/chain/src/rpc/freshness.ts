import type { Clock } from '@millrace/base'
import type { RpcBody } from './endpoint.ts'

/** What the latest block of an RPC says of it; `none` when the request was about something else. */
export type Judgement =
  | { readonly state: 'none' }
  | { readonly state: 'fresh' | 'stale' | 'stalled'; readonly timestampMs: number }

/** Remembers the newest block that any RPC has shown, by its time: numbers of blocks say nothing of how late they are. */
export class Freshness {
  readonly #maxLagMs: number
  readonly #stallMs: number
  readonly #clock: Clock
  #newestMs = 0
  #advancedAt: number

  constructor(options: { readonly maxLagMs: number; readonly stallMs: number }, deps: { readonly clock: Clock }) {
    this.#maxLagMs = options.maxLagMs
    this.#stallMs = options.stallMs
    this.#clock = deps.clock
    this.#advancedAt = deps.clock.elapsed()
  }

  /** `stale`: far behind what another RPC has shown. `stalled`: no RPC has shown anything new for long, so ask the others. */
  judge(body: RpcBody, result: unknown): Judgement {
    const timestampMs = latestBlockMs(body, result)
    if (timestampMs === undefined) return { state: 'none' }
    const now = this.#clock.elapsed()
    if (timestampMs > this.#newestMs) {
      this.#newestMs = timestampMs
      this.#advancedAt = now
      return { state: 'fresh', timestampMs }
    }
    if (this.#newestMs - timestampMs > this.#maxLagMs) return { state: 'stale', timestampMs }
    return { state: now - this.#advancedAt > this.#stallMs ? 'stalled' : 'fresh', timestampMs }
  }

  /** This is the newest there is, although it is old. */
  accept(timestampMs: number): void {
    this.#newestMs = timestampMs
    this.#advancedAt = this.#clock.elapsed()
  }
}

function latestBlockMs({ method, params }: RpcBody, result: unknown): number | undefined {
  if (method !== 'eth_getBlockByNumber' || (params as unknown[] | undefined)?.[0] !== 'latest') return undefined
  const { timestamp } = (result ?? {}) as { timestamp?: unknown }
  return typeof timestamp === 'string' && /^0x[0-9a-f]{1,12}$/i.test(timestamp) ? Number(timestamp) * 1000 : undefined
}
