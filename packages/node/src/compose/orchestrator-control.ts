import type { Rational, Wei } from '@millrace/base'
import type { PaymentParameters, PricePolicy } from '@millrace/payments'
import type { Address, TellEvent } from '@millrace/wire'
import type { OrchestratorControl } from '../api/context.ts'
import type { OrchestratorConfig } from '../config/node-config.ts'
import type { Dispatcher, PresentWorker } from '../orchestrator/dispatch.ts'
import type { SessionTable } from '../orchestrator/session-table.ts'
import type { WorkerAccount, WorkerLedger } from '../orchestrator/worker-ledger.ts'
import { inWei, type NamedPrice, UNKNOWN_PRICE } from './price-feed.ts'

export type OrchestratorSettingsDeps = {
  readonly sessions: SessionTable
  readonly dispatcher: Dispatcher
  readonly ledger?: Pick<WorkerLedger, 'accounts'>
  readonly stakeLimit?: { readonly sessions: number } | undefined
  readonly tell: TellEvent
}

/** What an operator changes of an orchestrator while it runs. */
export class OrchestratorSettings implements OrchestratorControl {
  readonly address: Address | undefined
  serviceUri: string
  maxFaceValue: Wei
  readonly #deps: OrchestratorSettingsDeps
  readonly #config: OrchestratorConfig
  #basePrice: Rational
  readonly #gatewayPrices: Map<Address, Rational>
  /** What the operator has set since the start; the price feed changes nothing of it. */
  readonly #setByHand = new Set<Address | 'base'>()
  #prices: PricePolicy | undefined

  constructor(
    config: OrchestratorConfig,
    options: { readonly parameters: PaymentParameters },
    deps: OrchestratorSettingsDeps,
  ) {
    this.#deps = deps
    this.address = config.address
    this.serviceUri = config.serviceUri
    this.#config = config
    const known = ({ pricePerPixel, currency }: NamedPrice) => (currency === undefined ? pricePerPixel : UNKNOWN_PRICE)
    this.#basePrice = known(config)
    this.#gatewayPrices = new Map((config.gatewayPrices ?? []).map((price) => [price.gateway, known(price)]))
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
    this.#setByHand.add('base')
    this.#setBase(price)
  }

  #setBase(price: Rational): void {
    this.#basePrice = price
    this.#prices?.set({ basePrice: price })
    this.#deps.tell({ type: 'price_changed', pricePerPixel: `${price.num}/${price.den}` })
  }

  get gatewayPrices(): ReadonlyMap<Address, Rational> {
    return this.#gatewayPrices
  }

  setGatewayPrice(gateway: Address, price: Rational): void {
    this.#setByHand.add(gateway)
    this.#setGateway(gateway, price)
  }

  /** The price feed has answered: what the configuration names in its currency is worth other wei now. */
  convert(weiPerUnit: Rational): void {
    const config = this.#config
    if (config.currency !== undefined && !this.#setByHand.has('base')) this.#setBase(inWei(config, weiPerUnit))
    for (const price of config.gatewayPrices ?? [])
      if (price.currency !== undefined && !this.#setByHand.has(price.gateway))
        this.#setGateway(price.gateway, inWei(price, weiPerUnit))
  }

  #setGateway(gateway: Address, price: Rational): void {
    this.#gatewayPrices.set(gateway, price)
    this.#prices?.set({ perGateway: this.#gatewayPrices })
    this.#deps.tell({ type: 'price_changed', pricePerPixel: `${price.num}/${price.den}`, sender: gateway })
  }

  /** At most as many sessions as the active stake allows (`stakeLimit`), whatever the operator sets. */
  setMaxSessions(wanted: number | 'auto'): void {
    const { sessions, dispatcher, stakeLimit } = this.#deps
    const most = () => stakeLimit?.sessions ?? Number.POSITIVE_INFINITY
    sessions.setCapacity(() => Math.min(wanted === 'auto' ? dispatcher.capacity : wanted, most()))
  }

  load(): {
    readonly sessions: number
    readonly maxSessions: number
    readonly workers: readonly PresentWorker[]
  } {
    const { sessions, dispatcher } = this.#deps
    return {
      sessions: sessions.size,
      maxSessions: sessions.capacity,
      workers: dispatcher.present,
    }
  }

  workerAccounts(): readonly WorkerAccount[] {
    return this.#deps.ledger?.accounts() ?? []
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
