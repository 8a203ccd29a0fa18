import type { Fold } from './fold.ts'
import type { MetricFactory } from './metric-factory.ts'
import type { StreamStates } from './stream-states.ts'

/** How much faster than real time the segments are done that publishers push by HTTP. */
export function pushMetrics(make: MetricFactory, streams: StreamStates): Fold {
  const options = (help: string) => ({ help, costly: ['manifest_id', 'client_ip'] as const })
  const name = (speed: string) => `livepeer_http_client_segment_transcoded_realtime_${speed}`
  const ratio = make.distribution(name('ratio'), {
    ...options('Length of a pushed segment over the time until it was done'),
    buckets: [0.5, 1, 2, 3, 5, 10, 50, 100],
  })
  const speeds = [
    { over: 3, count: make.sum(name('3x'), options('Pushed segments done three times faster than real time')) },
    { over: 2, count: make.sum(name('2x'), options('Pushed segments done twice as fast as real time')) },
    { over: 1, count: make.sum(name('1x'), options('Pushed segments done faster than real time')) },
    { over: 0.5, count: make.sum(name('half'), options('Pushed segments done at half of real time or faster')) },
    { over: 0, count: make.sum(name('slow'), options('Pushed segments done slower than that')) },
  ]
  const gone = {
    waiting: make.sum('livepeer_http_client_timeout_1', options('Publishers that were gone before their answer came')),
    answering: make.sum('livepeer_http_client_timeout_2', options('Publishers that were gone while it was sent')),
  }
  return (event) => {
    if (event.type === 'publisher_gone') {
      const { manifestId, when } = event
      return gone[when].add(1, { manifest_id: manifestId, client_ip: streams.get(manifestId)?.clientIp })
    }
    if (event.type !== 'segment_transcoded') return
    const stream = streams.get(event.manifestId)
    const durationMs = stream?.durations.get(event.seq)
    if (stream?.ingest !== 'http' || durationMs === undefined) return
    const labels = { manifest_id: event.manifestId, client_ip: stream.clientIp }
    const times = durationMs / Math.max(1, event.delayMs)
    ratio.observe(times, labels)
    speeds.find(({ over }) => times > over)?.count.add(1, labels)
  }
}
