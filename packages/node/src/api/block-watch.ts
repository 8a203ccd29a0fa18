import { type Clock, systemClock } from '@millrace/base'
import type { BlockNews } from '@millrace/chain'
import type { HealthCheck } from './health.ts'

/** Missed polls, or missed blocks, after which watching counts as stalled. */
const MISSES = 10
/** A chain that makes blocks faster than this is not called stalled sooner. */
const SHORTEST_MS = 15_000
/** How often a chain makes blocks, until it has shown it. */
const USUAL_BLOCK_MS = 12_000
/** No chain that is well takes longer; what says so has a clock that jumped. */
const LONGEST_BLOCK_MS = 60_000
/** How much the latest interval counts in the moving average. */
const LATEST = 0.2

/**
 * Notices that no new block comes any more: the RPC is gone, or answers with an old one for ever.
 * How long that takes follows from how often the node polls and from how often this chain makes blocks.
 */
export class BlockWatch {
  readonly #pollMs: number
  readonly #shortestMs: number
  readonly #clock: Clock
  #seenAt: number
  #block: bigint | undefined
  #last: { readonly chainNumber: bigint; readonly timestampMs: number } | undefined
  #blockMs = USUAL_BLOCK_MS

  constructor(
    options: { readonly pollMs: number; readonly shortestMs?: number },
    deps: {
      readonly feed: { onBlock(listener: (news: BlockNews) => void): void }
      readonly clock?: Clock
    },
  ) {
    this.#pollMs = options.pollMs
    this.#shortestMs = options.shortestMs ?? SHORTEST_MS
    this.#clock = deps.clock ?? systemClock
    this.#seenAt = this.#clock.elapsed()
    deps.feed.onBlock(({ head, reset }) => {
      this.#seenAt = this.#clock.elapsed()
      this.#block = head.number
      if (this.#last && !reset) this.#measure(this.#last, head)
      this.#last = head
    })
  }

  /** Milliseconds without a new block after which the watch counts as stalled. */
  get limitMs(): number {
    return Math.max(MISSES * this.#pollMs, MISSES * this.#blockMs, this.#shortestMs)
  }

  /** The check for a node's health. */
  readonly check: HealthCheck = () => {
    const ageMs = this.#clock.elapsed() - this.#seenAt
    if (ageMs <= this.limitMs) return undefined
    const last = this.#block === undefined ? 'none was ever seen' : `the last one is ${this.#block}`
    return {
      code: 'block_watch_stalled',
      message: `no new block for ${Math.round(ageMs / 1000)} s, ${last}: check the RPC at --eth-url`,
    }
  }

  #measure(
    before: { readonly chainNumber: bigint; readonly timestampMs: number },
    now: { readonly chainNumber: bigint; readonly timestampMs: number },
  ): void {
    const blocks = Number(now.chainNumber - before.chainNumber)
    const perBlockMs = Math.min(LONGEST_BLOCK_MS, (now.timestampMs - before.timestampMs) / blocks)
    if (blocks > 0 && perBlockMs >= 0) this.#blockMs = (1 - LATEST) * this.#blockMs + LATEST * perBlockMs
  }
}
