import type { Rational } from '@millrace/base'
import type { VideoProfile } from '@millrace/wire'
import type { GatewayControl } from '../api/context.ts'
import type { GatewayConfig } from '../config/node-config.ts'
import type { OrchestratorBook } from '../gateway/orchestrator-book.ts'

/** What an operator changes of a gateway while it runs; the gateway reads it when a stream begins. */
export class GatewaySettings implements GatewayControl {
  maxPrice: Rational | undefined
  ladder: readonly VideoProfile[]
  readonly #book: OrchestratorBook

  constructor(config: GatewayConfig, deps: { readonly book: OrchestratorBook }) {
    this.maxPrice = config.maxPricePerPixel
    this.ladder = config.ladder
    this.#book = deps.book
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
