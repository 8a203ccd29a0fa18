import { type Clock, errorText, type Log, type Part, type Rational, systemClock, withRetry } from '@millrace/base'
import type { Address } from '@millrace/wire'
import type { ChainClient } from '../client.ts'
import { getPriceFeed, weiPer } from '../contracts/price-feed.ts'

export type PriceFeedWatcherOptions = {
  readonly feed: Address
  /** The other side of the pair with ETH, for example USD. */
  readonly currency: string
  readonly everyMs?: number
  /** The first pause after a failure; each further one doubles. */
  readonly retryMs?: number
}

const HOUR_MS = 3_600_000
/** Chainlink's ETH / USD feed answers at least once a day; one that is older may be dead. */
const OLD_MS = 25 * HOUR_MS

/** Knows what a unit of a currency costs in wei. Between two answers, and while the feed fails, the last one holds. */
export class PriceFeedWatcher implements Part {
  readonly name = 'price-feed'
  readonly #options: PriceFeedWatcherOptions
  readonly #client: ChainClient
  readonly #log: Log
  readonly #clock: Clock
  readonly #stopping = new AbortController()
  readonly #listeners: ((weiPerUnit: Rational) => void)[] = []
  #running: Promise<void> | undefined
  #weiPerUnit: Rational | undefined

  constructor(
    options: PriceFeedWatcherOptions,
    deps: { readonly client: ChainClient; readonly log: Log; readonly clock?: Clock },
  ) {
    this.#options = options
    this.#client = deps.client
    this.#log = deps.log
    this.#clock = deps.clock ?? systemClock
  }

  /** Wei that one unit of the currency costs; undefined before `start` is done. */
  get weiPerUnit(): Rational | undefined {
    return this.#weiPerUnit
  }

  /** Adds a listener for every new answer, the first one included; call before `start`. */
  onPrice(listener: (weiPerUnit: Rational) => void): void {
    this.#listeners.push(listener)
  }

  /** Reads the feed once, so that nothing is ever sold at no price; throws what `getPriceFeed` and `weiPer` throw. */
  async start(): Promise<void> {
    await this.#read()
    this.#running = this.#loop()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #loop(): Promise<void> {
    const { signal } = this.#stopping
    const { everyMs = HOUR_MS, retryMs = 30_000 } = this.#options
    while (!signal.aborted) {
      try {
        await this.#clock.sleep(everyMs, { signal })
        const retry = {
          attempts: 6,
          baseMs: retryMs,
          maxMs: everyMs,
          signal,
          clock: this.#clock,
          retryable: () => true,
        }
        await withRetry(() => this.#read(), retry)
      } catch (error) {
        if (signal.aborted) return
        this.#log.warn('the price feed gives no new price; the last one holds', { error: errorText(error) })
      }
    }
  }

  async #read(): Promise<void> {
    const { feed: address, currency } = this.#options
    const feed = await getPriceFeed(this.#client, address)
    const weiPerUnit = weiPer(currency, feed)
    const ageMs = this.#clock.now() - feed.updatedAtMs
    if (ageMs > OLD_MS)
      this.#log.warn('the price feed has not been updated for long', {
        feed: address,
        hours: Math.floor(ageMs / HOUR_MS),
      })
    this.#weiPerUnit = weiPerUnit
    for (const listener of this.#listeners) listener(weiPerUnit)
  }
}
