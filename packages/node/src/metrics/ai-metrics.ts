import type { Fold } from './fold.ts'
import type { MetricFactory } from './metric-factory.ts'

/** AI jobs that a gateway buys, with the names of go-livepeer, and those that an orchestrator sells. */
export function aiMetrics(make: MetricFactory): Fold {
  const labels = ['pipeline', 'model_name']
  const requested = make.sum('livepeer_ai_models_requested', { help: 'AI jobs bought, by model', labels })
  const latency = make.level('livepeer_ai_request_latency_score', {
    help: 'Seconds that the last job took for each unit of its price',
    labels: [...labels, 'orchestrator_address', 'orchestrator_uri'],
  })
  const price = make.level('livepeer_ai_request_price', { help: 'Wei that a unit of the last job cost', labels })
  const errors = make.sum('livepeer_ai_request_errors', {
    help: 'AI jobs that failed, by code',
    labels: ['code', 'pipeline'],
  })
  const sold = make.sum('millrace_ai_jobs_sold_total', { help: 'AI jobs that an orchestrator did', labels })
  const units = make.sum('millrace_ai_units_sold_total', { help: 'Units of price that these had', labels })
  return (event) => {
    switch (event.type) {
      case 'ai_job_bought': {
        const model = { pipeline: event.pipeline, model_name: event.modelId }
        const paidUnits = Number(event.units) || 1
        requested.add(1, model)
        price.set(Number(event.feeWei) / paidUnits, model)
        return latency.set(event.tookMs / 1_000 / paidUnits, {
          ...model,
          orchestrator_address: event.orchestrator,
          orchestrator_uri: event.orchestratorUri,
        })
      }
      // Strangers name models: one that nobody has must not become a figure of its own.
      case 'ai_job_failed':
        return errors.add(1, { code: event.code, pipeline: event.pipeline })
      case 'ai_job_sold': {
        const model = { pipeline: event.pipeline, model_name: event.modelId }
        sold.add(1, model)
        return units.add(Number(event.units), model)
      }
    }
  }
}
