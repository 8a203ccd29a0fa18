import type { Rational } from '@millrace/base'
import type { VideoProfile } from '@millrace/wire'
import type { GatewayControl, NamedPrice } from '../api/context.ts'
import type { GatewayConfig } from '../config/node-config.ts'
import type { OrchestratorBook } from '../gateway/orchestrator-book.ts'
import type { NamedCeilings } from './named-ceilings.ts'

/** What an operator changes of a gateway while it runs; the gateway reads it when a stream begins. */
export class GatewaySettings implements GatewayControl {
  ladder: readonly VideoProfile[]
  readonly #ceilings: NamedCeilings
  readonly #book: OrchestratorBook

  constructor(config: GatewayConfig, deps: { readonly ceilings: NamedCeilings; readonly book: OrchestratorBook }) {
    this.ladder = config.ladder
    this.#ceilings = deps.ceilings
    this.#book = deps.book
  }

  get maxPrice(): Rational | undefined {
    return this.#ceilings.base
  }

  setMaxPrice(price: NamedPrice | undefined): Promise<void> {
    return this.#ceilings.set('base', price)
  }

  setMaxPriceForCapability(capability: number, modelId: string, price: NamedPrice): Promise<void> {
    return this.#ceilings.set({ capability, modelId }, price)
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
