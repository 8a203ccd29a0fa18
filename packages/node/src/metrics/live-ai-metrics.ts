import type { Fold } from './fold.ts'
import type { MetricFactory } from './metric-factory.ts'

const DELAYS_MS = [500, 1_000, 2_000, 3_000, 5_000, 10_000, 20_000, 30_000]

/** Live streams that a gateway has AI pipelines work on, with the names of go-livepeer where it has one. */
export function liveAiMetrics(make: MetricFactory): Fold {
  const labels = ['model_name']
  const uri = [...labels, 'orchestrator_uri']
  const attempts = make.sum('livepeer_ai_live_attempt', { help: 'Live AI streams that were begun', labels })
  const current = make.level('livepeer_ai_current_live_pipelines', { help: 'Live AI streams that run', labels })
  const delay = make.distribution('livepeer_ai_first_segment_delay_ms', {
    help: 'Milliseconds from the moment an orchestrator took a live AI stream to its first segment',
    labels: uri,
    buckets: DELAYS_MS,
  })
  const price = make.level('livepeer_live_ai_price_per_pixel', {
    help: 'Wei that a pixel of live AI cost last',
    labels: uri,
  })
  const swaps = make.sum('millrace_live_ai_swaps_total', { help: 'Live AI streams that went elsewhere', labels })
  const seconds = make.sum('millrace_live_ai_paid_seconds_total', { help: 'Seconds of live AI paid for', labels })
  const running = new Map<string, number>()
  const count = (model_name: string, change: number): void => {
    const now = Math.max(0, (running.get(model_name) ?? 0) + change)
    running.set(model_name, now)
    current.set(now, { model_name })
  }
  return (event) => {
    switch (event.type) {
      case 'live_ai_opened':
        attempts.add(1, { model_name: event.modelId })
        return count(event.modelId, 1)
      case 'live_ai_closed':
        return count(event.modelId, -1)
      case 'live_ai_swapped':
        return swaps.add(1, { model_name: event.modelId })
      case 'live_ai_shown':
        return delay.observe(event.delayMs, { model_name: event.modelId, orchestrator_uri: event.orchestratorUri })
      case 'live_ai_paid': {
        const model_name = event.modelId
        seconds.add(event.seconds, { model_name })
        const paidUnits = Number(event.units) || 1
        return price.set(Number(event.feeWei) / paidUnits, { model_name, orchestrator_uri: event.orchestratorUri })
      }
    }
  }
}
