import { type Rational, rational } from '@millrace/base'
import { PriceCeilings } from '@millrace/payments'
import type { Capabilities } from '@millrace/wire'
import type { NamedPrice } from '../api/context.ts'
import type { GatewayConfig } from '../config/node-config.ts'
import { type CurrencyRates, inWei } from './price-feed.ts'

type Target = 'base' | { readonly capability: number; readonly modelId: string }

/** What a gateway, or a signer of gateways, pays at most, in wei or in the currency of the price feed. */
export class NamedCeilings {
  readonly #ceilings = new PriceCeilings()
  readonly #rates: Pick<CurrencyRates, 'use' | 'onRate' | 'toWei'>
  /** What is worth other wei with each answer of the feed, by target. */
  readonly #named = new Map<string, { readonly target: Target; readonly price: NamedPrice }>()

  constructor(
    config: Pick<GatewayConfig, 'maxPricePerPixel' | 'maxPriceCurrency' | 'maxPricesPerCapability'>,
    deps: { readonly rates: Pick<CurrencyRates, 'use' | 'onRate' | 'toWei'> },
  ) {
    this.#rates = deps.rates
    const { maxPricePerPixel: pricePerPixel, maxPriceCurrency: currency } = config
    if (pricePerPixel) this.#begin('base', { pricePerPixel, currency })
    for (const { capability, modelId, ...price } of config.maxPricesPerCapability ?? [])
      this.#begin({ capability, modelId }, price)
    deps.rates.onRate((weiPerUnit) => {
      for (const { target, price } of this.#named.values()) this.#put(target, inWei(price, weiPerUnit))
    })
  }

  /** Wei per pixel; undefined for any price. */
  get base(): Rational | undefined {
    return this.#ceilings.base
  }

  /** The most for a job that needs these capabilities. */
  most(capabilities: Capabilities | undefined): Rational | undefined {
    return this.#ceilings.most(capabilities)
  }

  /** The most for this capability or model, where one is named for it: that for all is for pixels. */
  named(capability: number, modelId: string): Rational | undefined {
    return this.#ceilings.of(capability, modelId)
  }

  /** Sets one anew; undefined, for the base only, is any price. */
  async set(target: Target, price: NamedPrice | undefined): Promise<void> {
    const wei = price && (await this.#rates.toWei(price))
    this.#named.delete(keyOf(target))
    if (price?.currency !== undefined) this.#named.set(keyOf(target), { target, price })
    if (wei) this.#put(target, wei)
    else this.#ceilings.base = undefined
  }

  #begin(target: Target, price: NamedPrice): void {
    if (price.currency === undefined) return this.#put(target, price.pricePerPixel)
    this.#rates.use(price.currency)
    this.#named.set(keyOf(target), { target, price })
    // Before the price feed has answered nothing is bought.
    this.#put(target, rational(0n))
  }

  #put(target: Target, most: Rational): void {
    if (target === 'base') this.#ceilings.base = most
    else this.#ceilings.set(target.capability, target.modelId, most)
  }
}

const keyOf = (target: Target): string => (target === 'base' ? target : `${target.capability}/${target.modelId}`)
