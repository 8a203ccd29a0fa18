import type { Rational, Wei } from '@millrace/base'
import type { PaymentParameters, PricePolicy } from '@millrace/payments'
import type { Address, TellEvent } from '@millrace/wire'
import type { NamedPrice, OrchestratorControl } from '../api/context.ts'
import type { OrchestratorConfig } from '../config/node-config.ts'
import type { Dispatcher, PresentWorker } from '../orchestrator/dispatch.ts'
import type { SessionTable } from '../orchestrator/session-table.ts'
import type { WorkerAccount, WorkerLedger } from '../orchestrator/worker-ledger.ts'
import { type CurrencyRates, inWei, UNKNOWN_PRICE } from './price-feed.ts'

export type OrchestratorSettingsDeps = {
  readonly sessions: SessionTable
  readonly dispatcher: Dispatcher
  readonly rates: Pick<CurrencyRates, 'use' | 'onRate' | 'toWei'>
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
  #basePrice: Rational
  readonly #gatewayPrices: Map<Address, Rational>
  /** What is named in the currency of the price feed, and is worth other wei with each of its answers. */
  readonly #named = new Map<Address | 'default', NamedPrice>()
  #prices: PricePolicy | undefined

  constructor(
    config: OrchestratorConfig,
    options: { readonly parameters: PaymentParameters },
    deps: OrchestratorSettingsDeps,
  ) {
    this.#deps = deps
    this.address = config.address
    this.serviceUri = config.serviceUri
    const known = ({ pricePerPixel, currency }: NamedPrice) => (currency === undefined ? pricePerPixel : UNKNOWN_PRICE)
    this.#basePrice = known(config)
    this.#gatewayPrices = new Map((config.gatewayPrices ?? []).map((price) => [price.gateway, known(price)]))
    this.maxFaceValue = options.parameters.maxFaceValueWei ?? 0n
    this.#note('default', config)
    for (const price of config.gatewayPrices ?? []) this.#note(price.gateway, price)
    deps.rates.onRate((weiPerUnit) => {
      for (const [gateway, price] of this.#named) this.#set(gateway, inWei(price, weiPerUnit))
    })
  }

  /** The prices that changes are passed on to. */
  attach(prices: PricePolicy): void {
    this.#prices = prices
  }

  get basePrice(): Rational {
    return this.#basePrice
  }

  async setPrice(gateway: Address | 'default', price: NamedPrice): Promise<void> {
    const wei = await this.#deps.rates.toWei(price)
    this.#named.delete(gateway)
    this.#note(gateway, price)
    this.#set(gateway, wei)
  }

  #note(gateway: Address | 'default', price: NamedPrice): void {
    if (price.currency === undefined) return
    this.#deps.rates.use(price.currency)
    this.#named.set(gateway, price)
  }

  #set(gateway: Address | 'default', price: Rational): void {
    if (gateway === 'default') {
      this.#basePrice = price
      this.#prices?.set({ basePrice: price })
    } else {
      this.#gatewayPrices.set(gateway, price)
      this.#prices?.set({ perGateway: this.#gatewayPrices })
    }
    const sender = gateway === 'default' ? {} : { sender: gateway }
    this.#deps.tell({ type: 'price_changed', pricePerPixel: `${price.num}/${price.den}`, ...sender })
  }

  get gatewayPrices(): ReadonlyMap<Address, Rational> {
    return this.#gatewayPrices
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
