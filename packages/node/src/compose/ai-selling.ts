import { capabilityOf } from '@millrace/ai'
import type { PriceInfo } from '@millrace/wire'
import type { OrchestratorConfig } from '../config/node-config.ts'
import type { AiWorkerLink } from '../links/ai-links.ts'
import { AiDispatcher } from '../orchestrator/ai/ai-dispatch.ts'
import { type AiPrice, AiTerms } from '../orchestrator/ai/ai-terms.ts'
import { inWei, UNKNOWN_PRICE } from './price-feed.ts'
import type { Shared } from './shared.ts'

/** The AI side of an orchestrator: who works, and what it costs. */
export type AiSelling = { readonly dispatcher: AiDispatcher; readonly terms: AiTerms }

/** What an orchestrator sells beside transcoding. `worker` is one of the same node. */
export function composeAiSelling(
  config: OrchestratorConfig,
  worker: AiWorkerLink | undefined,
  shared: Shared,
  others?: () => readonly PriceInfo[],
): AiSelling {
  const { log, rates } = shared
  const dispatcher = new AiDispatcher({ log })
  if (worker && !shared.config.aiWorker?.orchestrator) {
    dispatcher.join(worker)
    warnOfFreeModels(config, shared)
  }
  const named = config.aiPrices ?? []
  let prices: readonly AiPrice[] = named.map(({ currency, ...price }) =>
    currency === undefined ? price : { ...price, pricePerUnit: UNKNOWN_PRICE },
  )
  for (const { currency } of named) rates.use(currency)
  rates.onRate((weiPerUnit) => {
    prices = named.map(({ currency, ...price }) =>
      currency === undefined
        ? price
        : { ...price, pricePerUnit: inWei({ pricePerPixel: price.pricePerUnit, currency }, weiPerUnit) },
    )
  })
  return { dispatcher, terms: new AiTerms({ dispatcher, prices: () => prices, ...(others && { others }) }) }
}

function warnOfFreeModels({ aiPrices = [] }: OrchestratorConfig, { config, log, chain }: Shared): void {
  if (!chain) return
  for (const { pipeline, modelId } of config.aiWorker?.models ?? []) {
    const capability = capabilityOf(pipeline)
    const priced = aiPrices.some(
      (price) => price.capability === capability && (price.modelId === modelId || price.modelId === 'default'),
    )
    if (!priced) log.warn('a model has no price, its jobs are free', { pipeline, modelId })
  }
}
