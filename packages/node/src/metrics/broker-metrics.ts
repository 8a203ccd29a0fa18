import type { Fold } from './fold.ts'
import type { MetricFactory } from './metric-factory.ts'

/** What message brokers did not get. */
export function brokerMetrics(make: MetricFactory): Fold {
  const dropped = make.sum('livepeer_kafka_event_send_errors', {
    help: 'Events for Kafka that made room for newer ones',
    labels: ['event_type'],
  })
  return (event) => {
    if (event.type === 'message_dropped' && event.broker === 'kafka') dropped.add(1, { event_type: event.message })
  }
}
