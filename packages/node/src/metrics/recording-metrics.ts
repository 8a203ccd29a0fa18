import type { Fold } from './fold.ts'
import type { MetricFactory } from './metric-factory.ts'

/** What a gateway writes into its record store. */
export function recordingMetrics(make: MetricFactory): Fold {
  const latency = make.distribution('livepeer_recording_save_latency', {
    help: 'Seconds until a segment or a list of a recording was saved',
    buckets: [0, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 10, 30],
  })
  const errors = make.sum('livepeer_recording_save_errors', { help: 'Segments and lists that were not saved' })
  const saved = make.sum('livepeer_recording_saved_segments', { help: 'Segments that were saved' })
  return (event) => {
    switch (event.type) {
      case 'recording_saved':
        if (event.file === 'segment') saved.add(1)
        return latency.observe(event.elapsedMs / 1_000)
      case 'recording_failed':
        return errors.add(1)
    }
  }
}
