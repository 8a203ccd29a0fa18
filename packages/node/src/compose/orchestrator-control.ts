import type { Rational, Wei } from '@millrace/base'
import type { PaymentParameters, PricePolicy } from '@millrace/payments'
import type { Address, NodeId, TellEvent } from '@millrace/wire'
import type { OrchestratorControl } from '../api/context.ts'
import type { OrchestratorConfig } from '../config/node-config.ts'
import type { Dispatcher } from '../orchestrator/dispatch.ts'
import type { SessionTable } from '../orchestrator/session-table.ts'

export type OrchestratorSettingsDeps = {
  readonly sessions: SessionTable
  readonly dispatcher: Dispatcher
  readonly tell: TellEvent
}

/** What an operator changes of an orchestrator while it runs. */
export class OrchestratorSettings implements OrchestratorControl {
  readonly address: Address | undefined
  serviceUri: string
  maxFaceValue: Wei
  readonly #deps: OrchestratorSettingsDeps
  #basePrice: Rational
  readonly #gatewayPrices = new Map<Address, Rational>()
  #prices: PricePolicy | undefined

  constructor(
    config: OrchestratorConfig,
    options: { readonly parameters: PaymentParameters },
    deps: OrchestratorSettingsDeps,
  ) {
    this.#deps = deps
    this.address = config.address
    this.serviceUri = config.serviceUri
    this.#basePrice = config.pricePerPixel
    this.maxFaceValue = options.parameters.maxFaceValueWei ?? 0n
  }

  /** The prices that changes are passed on to. */
  attach(prices: PricePolicy): void {
    this.#prices = prices
  }

  get basePrice(): Rational {
    return this.#basePrice
  }

  set basePrice(price: Rational) {
    this.#basePrice = price
    this.#prices?.set({ basePrice: price })
    this.#deps.tell({ type: 'price_changed', pricePerPixel: `${price.num}/${price.den}` })
  }

  get gatewayPrices(): ReadonlyMap<Address, Rational> {
    return this.#gatewayPrices
  }

  setGatewayPrice(gateway: Address, price: Rational): void {
    this.#gatewayPrices.set(gateway, price)
    this.#prices?.set({ perGateway: this.#gatewayPrices })
    this.#deps.tell({ type: 'price_changed', pricePerPixel: `${price.num}/${price.den}`, sender: gateway })
  }

  setMaxSessions(wanted: number | 'auto'): void {
    const { sessions, dispatcher } = this.#deps
    sessions.setCapacity(wanted === 'auto' ? () => dispatcher.capacity : () => wanted)
  }

  load(): {
    readonly sessions: number
    readonly maxSessions: number
    readonly workers: readonly { readonly workerId: NodeId; readonly capacity: number }[]
  } {
    const { sessions, dispatcher } = this.#deps
    return {
      sessions: sessions.size,
      maxSessions: sessions.capacity,
      workers: dispatcher.workers.map(({ workerId, capacity }) => ({ workerId, capacity })),
    }
  }

  /** The parameters with the largest face value as it stands at the moment. */
  applyTo(parameters: PaymentParameters): PaymentParameters {
    const maxFaceValue = () => this.maxFaceValue
    return {
      ...parameters,
      get maxFaceValueWei() {
        return maxFaceValue()
      },
    }
  }
}
