import { describePipelines, PIPELINES, type PipelineDescription } from '@millrace/ai'
import { compareRational, type Rational } from '@millrace/base'
import type { AiMarket, AiOffer } from './ai-market.ts'

/** A model of the network, as a page shows it. */
export type OfferedAiModel = {
  readonly id: string
  /** Whether anybody would answer at once. */
  readonly warm: boolean
  readonly orchestrators: number
  readonly capacity: number
  readonly inUse: number
  /** Wei a unit, as num/den: the lowest and the highest that is asked; null where nobody tells any. */
  readonly lowestPrice: string | null
  readonly highestPrice: string | null
  /** How long jobs took that this gateway bought, a moving average in milliseconds; null before the first. */
  readonly latencyMs: number | null
}

/** The pipelines with what is offered for each at this moment: what a page draws its forms from. */
export async function aiCatalog(
  market: Pick<AiMarket, 'offers'>,
  latencyMs: (pipeline: string, modelId: string) => number | undefined,
): Promise<readonly (PipelineDescription & { readonly models: readonly OfferedAiModel[] })[]> {
  const described = describePipelines()
  return Promise.all(
    PIPELINES.map(async (pipeline, i) => {
      const offers = await market.offers(pipeline)
      const ids = [...new Set(offers.map(({ modelId }) => modelId))].sort()
      const models = ids.map((id) => modelOf(id, offers, latencyMs(pipeline.name, id)))
      return { ...(described[i] as PipelineDescription), models }
    }),
  )
}

function modelOf(id: string, all: readonly AiOffer[], latency: number | undefined): OfferedAiModel {
  const offers = all.filter(({ modelId }) => modelId === id)
  const prices = offers.flatMap(({ price }) => price ?? []).sort(compareRational)
  const text = (price: Rational | undefined) => (price ? `${price.num}/${price.den}` : null)
  return {
    id,
    warm: offers.some(({ model }) => model.warm),
    orchestrators: offers.length,
    capacity: offers.reduce((sum, { model }) => sum + model.capacity, 0),
    inUse: offers.reduce((sum, { model }) => sum + model.capacityInUse, 0),
    lowestPrice: text(prices[0]),
    highestPrice: text(prices.at(-1)),
    latencyMs: latency === undefined ? null : Math.round(latency),
  }
}
