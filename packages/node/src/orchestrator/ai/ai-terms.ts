import { capabilityOf } from '@millrace/ai'
import { addRational, type Rational, rational } from '@millrace/base'
import {
  type Address,
  type Capabilities,
  type CapabilityBits,
  type Constraints,
  capabilityBits,
  type PriceInfo,
  priceFromRational,
} from '@millrace/wire'
import type { AiDispatcher } from './ai-dispatch.ts'

/** What one unit of a model's work costs: wei, and for whom. */
export type AiPrice = {
  readonly capability: number
  /** `default` stands for every model of the capability. */
  readonly modelId: string
  /** One gateway's own price, which goes before the one for all. */
  readonly gateway?: Address | undefined
  readonly pricePerUnit: Rational
}

export const ANY_MODEL = 'default'

/** What an orchestrator tells gateways of its AI models: which there are, and what they cost. */
export class AiTerms {
  readonly #dispatcher: Pick<AiDispatcher, 'models'>
  readonly #prices: () => readonly AiPrice[]
  readonly #others: () => readonly PriceInfo[]

  constructor(deps: {
    readonly dispatcher: Pick<AiDispatcher, 'models'>
    readonly prices: () => readonly AiPrice[]
    /** Prices of what is no model. */
    readonly others?: () => readonly PriceInfo[]
  }) {
    this.#dispatcher = deps.dispatcher
    this.#prices = deps.prices
    this.#others = deps.others ?? (() => [])
  }

  /** The models as capabilities with constraints. */
  offer(): {
    readonly bits: CapabilityBits
    readonly constraints: Constraints
    readonly capacities: Map<number, number>
  } {
    const perCapability = new Map<number, { models: Map<string, ReturnType<typeof constraintOf>> }>()
    const capacities = new Map<number, number>()
    for (const model of this.#dispatcher.models()) {
      const capability = capabilityOf(model.pipeline)
      if (capability === undefined) continue
      const entry = perCapability.get(capability) ?? { models: new Map() }
      entry.models.set(model.modelId, constraintOf(model))
      perCapability.set(capability, entry)
      capacities.set(capability, (capacities.get(capability) ?? 0) + model.capacity)
    }
    return { bits: capabilityBits(perCapability.keys()), constraints: { minVersion: '', perCapability }, capacities }
  }

  /** The price of one model, in wei a unit; undefined where none is set. */
  price(gateway: Address, capability: number, modelId: string): Rational | undefined {
    const prices = this.#prices().filter((price) => price.capability === capability)
    const of = (who: Address | undefined, model: string) =>
      prices.find((price) => price.gateway === who && price.modelId === model)?.pricePerUnit
    return of(gateway, modelId) ?? of(gateway, ANY_MODEL) ?? of(undefined, modelId) ?? of(undefined, ANY_MODEL)
  }

  /** The sum of the prices of the models that a request names (as go-livepeer reckons); undefined where it names none of ours. */
  priceOf(gateway: Address, wanted: Capabilities | undefined): Rational | undefined {
    const prices = [...(wanted?.constraints?.perCapability ?? [])].flatMap(([capability, { models }]) =>
      [...models.keys()].flatMap((modelId) => this.price(gateway, capability, modelId) ?? []),
    )
    return prices.length === 0 ? undefined : prices.reduce(addRational)
  }

  /** Every price that holds for a gateway, for the list of prices in its terms. */
  prices(gateway: Address): readonly PriceInfo[] {
    const models = this.#dispatcher.models().flatMap(({ pipeline, modelId }) => {
      const capability = capabilityOf(pipeline)
      if (capability === undefined) return []
      const price = this.price(gateway, capability, modelId) ?? rational(0n)
      return [{ ...priceFromRational(price), capability, constraint: modelId }]
    })
    return [...models, ...this.#others()]
  }
}

const constraintOf = (model: ReturnType<AiDispatcher['models']>[number]) => ({
  warm: model.warm,
  capacity: model.capacity,
  runnerVersion: model.version,
  capacityInUse: model.inUse,
})

/** Whether a request is for AI jobs and not for transcoding. */
export const asksForModels = (wanted: Capabilities | undefined): boolean =>
  (wanted?.constraints?.perCapability.size ?? 0) > 0
