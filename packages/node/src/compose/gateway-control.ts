import { type Rational, rational } from '@millrace/base'
import type { VideoProfile } from '@millrace/wire'
import type { GatewayControl } from '../api/context.ts'
import type { GatewayConfig } from '../config/node-config.ts'
import type { OrchestratorBook } from '../gateway/orchestrator-book.ts'

/** What an operator changes of a gateway while it runs; the gateway reads it when a stream begins. */
export class GatewaySettings implements GatewayControl {
  #maxPrice: Rational | undefined
  #setByHand = false
  ladder: readonly VideoProfile[]
  readonly #book: OrchestratorBook

  constructor(config: GatewayConfig, deps: { readonly book: OrchestratorBook }) {
    // Before the price feed has answered nothing is bought.
    this.#maxPrice = config.maxPriceCurrency === undefined ? config.maxPricePerPixel : rational(0n)
    this.ladder = config.ladder
    this.#book = deps.book
  }

  get maxPrice(): Rational | undefined {
    return this.#maxPrice
  }

  set maxPrice(price: Rational | undefined) {
    this.#setByHand = true
    this.#maxPrice = price
  }

  /** The price feed has told what the maximum is worth in wei; one that the operator has set since holds. */
  convert(price: Rational): void {
    if (!this.#setByHand) this.#maxPrice = price
  }

  async orchestrators() {
    const entries = await this.#book.entries()
    return entries.map(({ serviceUri, stakeLpt }) => ({
      serviceUri,
      stakeLpt,
      latency: this.#book.latencyScore(serviceUri),
    }))
  }

  /** The configuration with what was changed since. */
  applyTo(config: GatewayConfig): GatewayConfig {
    const ladder = () => this.ladder
    return {
      ...config,
      get ladder() {
        return ladder()
      },
    }
  }
}
