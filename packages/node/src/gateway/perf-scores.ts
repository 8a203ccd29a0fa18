import { type Clock, errorText, type Log, MillraceError } from '@millrace/base'
import type { Address } from '@millrace/wire'
import { z } from 'zod'
import { fetchJson } from '../links/http/fetch-json.ts'

const TIMEOUT_MS = 3_000
const MAX_BYTES = 4 << 20
const REFRESH_MS = 10 * 60_000

const stats = z.record(z.string(), z.record(z.string(), z.object({ score: z.number() })))

/**
 * -orchPerfStatsUrl: the scores `{orchAddr:{REGION:{score}}}` of a performance tester, read every ten minutes (wire spec 2.5).
 * Without -region an orchestrator has the mean of its regions. While they cannot be read the scores before hold.
 */
export class PerfScores {
  readonly #options: { readonly url: string; readonly region?: string | undefined }
  readonly #deps: { readonly clock: Clock; readonly log: Log }
  #scores: ReadonlyMap<string, number> = new Map()
  #readAt = Number.NEGATIVE_INFINITY
  #reading: Promise<void> | undefined

  constructor(
    options: { readonly url: string; readonly region?: string | undefined },
    deps: { readonly clock: Clock; readonly log: Log },
  ) {
    this.#options = options
    this.#deps = deps
  }

  /**
   * The score of an orchestrator; undefined when it was not tested. Off chain, where nobody has an address, testers name it by its service URI.
   * Starts reading in the background when the scores are old.
   */
  get(orchestrator: Address, serviceUri?: string): number | undefined {
    if (!this.#reading && this.#deps.clock.elapsed() - this.#readAt >= REFRESH_MS) void this.refresh()
    return this.#scores.get(orchestrator.toLowerCase()) ?? this.#scores.get(serviceUri?.toLowerCase() ?? '')
  }

  /** Reads the scores now; never rejects. */
  refresh(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #read(): Promise<void> {
    const { clock, log } = this.#deps
    this.#readAt = clock.elapsed()
    try {
      const parsed = stats.safeParse(await fetchJson(this.#options.url, { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES }))
      if (!parsed.success)
        throw new MillraceError('bad_webhook_answer', 'it is not an object {orchAddr:{REGION:{score}}}')
      const region = this.#options.region?.toUpperCase()
      const scores = new Map<string, number>()
      for (const [address, regions] of Object.entries(parsed.data)) {
        const known = region === undefined ? Object.values(regions) : [regions[region]].filter((r) => r !== undefined)
        if (known.length === 0) continue
        scores.set(address.toLowerCase(), known.reduce((sum, { score }) => sum + score, 0) / known.length)
      }
      this.#scores = scores
    } catch (error) {
      log.warn('-orchPerfStatsUrl gave no scores', { error: errorText(error), kept: this.#scores.size })
    }
  }
}
