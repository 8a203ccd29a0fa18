import { LIVE_PIPELINE, LIVE_UNITS_PER_SECOND } from '@millrace/ai'
import type { Fold } from './fold.ts'
import type { MetricFactory } from './metric-factory.ts'

const WEI_PER_GWEI = 1e9

/** Live AI streams that an orchestrator sells. */
export function liveAiSalesMetrics(make: MetricFactory): Fold {
  const labels = ['pipeline', 'model_name']
  const inUse = make.level('livepeer_ai_container_in_use', { help: 'Live AI streams that are worked on', labels })
  const ended = make.sum('millrace_live_ai_streams_sold_total', {
    help: 'Live AI streams that have ended at an orchestrator, by what ended them',
    labels: [...labels, 'end'],
  })
  const seconds = make.sum('millrace_live_ai_seconds_sold_total', {
    help: 'Seconds of live AI streams that an orchestrator was paid for',
    labels,
  })
  const fees = make.sum('millrace_live_ai_fees_gwei_total', { help: 'Fees for live AI streams, in gwei', labels })
  const running = new Map<string, string>()
  const tellInUse = (modelId: string) => {
    const count = [...running.values()].filter((model) => model === modelId).length
    inUse.set(count, { pipeline: LIVE_PIPELINE, model_name: modelId })
  }
  return (event) => {
    if (event.type !== 'live_ai_begun' && event.type !== 'live_ai_sold' && event.type !== 'live_ai_ended') return
    const model = { pipeline: LIVE_PIPELINE, model_name: event.modelId }
    if (event.type === 'live_ai_begun') {
      running.set(event.manifestId, event.modelId)
      tellInUse(event.modelId)
    } else if (event.type === 'live_ai_sold') {
      seconds.add(Number(event.units) / Number(LIVE_UNITS_PER_SECOND), model)
      fees.add(Number(event.feeWei) / WEI_PER_GWEI, model)
    } else {
      ended.add(1, { ...model, end: event.end })
      if (running.delete(event.manifestId)) tellInUse(event.modelId)
    }
  }
}
