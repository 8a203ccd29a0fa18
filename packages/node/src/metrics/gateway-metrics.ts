import type { ManifestId, NodeEventOf } from '@millrace/wire'
import { attemptErrorCode, LOST_ERROR_CODES } from './error-codes.ts'
import { type Fold, gwei } from './fold.ts'
import type { Labels, MetricFactory } from './metric-factory.ts'
import type { SessionLevels } from './session-levels.ts'
import type { StreamStates } from './stream-states.ts'

const LATENCY_BUCKETS = [0, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 10]
const DURATION_BUCKETS = [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 10, 15, 20]
const TRANSFER_BUCKETS = [0, 0.1, 0.15, 0.2, 0.5, 1, 5, 10]
const WEBHOOK_BUCKETS = [0, 100, 250, 500, 750, 1_000, 1_500, 2_000, 2_500, 3_000, 5_000, 10_000]
/** Codes of attempts that got no result, so that go-livepeer counts them as uploads that failed. */
const NO_ANSWER = new Set([
  'peer_timeout',
  'peer_unreachable',
  'segment_refused',
  'session_stale',
  'insufficient_balance',
])
const ORCHESTRATOR = ['orchestrator_uri', 'orchestrator_address', 'orchestrator_version']

/** Streams and segments, as a gateway sees them. */
export function gatewayMetrics(
  make: MetricFactory,
  streams: StreamStates,
  sessions: SessionLevels,
  max: { readonly sessions: number },
): Fold {
  const stream = ['manifest_id'] as const
  const created = make.sum('livepeer_stream_created_total', { help: 'Streams that were taken' })
  const started = make.sum('livepeer_stream_started_total', { help: 'Streams whose first segment came' })
  const ended = make.sum('livepeer_stream_ended_total', { help: 'Streams that ended' })
  const emerged = make.sum('livepeer_segment_source_emerged_total', { help: 'Source segments', costly: stream })
  const unprocessed = make.sum('livepeer_segment_source_emerged_unprocessed_total', {
    help: 'Source segments, whatever becomes of them',
    costly: ['manifest_id', 'client_ip'],
  })
  const appeared = make.sum('livepeer_segment_source_appeared_total', {
    help: 'Source segments in playlists',
    labels: ['profile', 'seg_type'],
    costly: stream,
  })
  const uploaded = make.sum('livepeer_segment_source_uploaded_total', {
    help: 'Segments sent to orchestrators',
    labels: ['orchestrator_uri'],
    costly: stream,
  })
  const failed = make.sum('livepeer_segment_transcode_failed_total', {
    help: 'Segments that an orchestrator did not deliver, or nobody',
    labels: ['error_code'],
    costly: stream,
  })
  const uploadFailed = make.sum('livepeer_segment_source_upload_failed_total', {
    help: 'Segments that an orchestrator did not take',
    labels: ['error_code', 'orchestrator_uri'],
    costly: stream,
  })
  const uploadTime = make.distribution('livepeer_upload_time_seconds', {
    help: 'Seconds until the answer to a segment began',
    labels: ['orchestrator_uri'],
    buckets: TRANSFER_BUCKETS,
  })
  const downloadTime = make.distribution('livepeer_download_time_seconds', {
    help: 'Seconds from the beginning of an answer until all renditions were here',
    costly: stream,
    buckets: TRANSFER_BUCKETS,
  })
  const discoveryErrors = make.sum('livepeer_discovery_errors_total', {
    help: 'Orchestrators that gave no terms',
    labels: ['error_code', 'orchestrator_uri'],
  })
  const webhookTime = make.distribution('livepeer_auth_webhook_time_milliseconds', {
    help: 'Milliseconds until the webhook said whether a stream may begin',
    buckets: WEBHOOK_BUCKETS,
  })
  const downloaded = make.sum('livepeer_segment_transcoded_downloaded_total', {
    help: 'Segments whose renditions came',
    costly: stream,
  })
  const allAppeared = make.sum('livepeer_segment_transcoded_all_appeared_total', {
    help: 'Segments with all renditions in playlists',
    labels: ['profiles', ...ORCHESTRATOR],
    costly: stream,
  })
  const received = make.sum('livepeer_segment_transcoded_unprocessed_total', {
    help: 'Segments whose renditions are about to be put into playlists',
    labels: ['profiles', ...ORCHESTRATOR],
    costly: stream,
  })
  const latency = make.distribution('livepeer_transcode_overall_latency_seconds', {
    help: "Seconds from a segment's last byte to its renditions",
    labels: ['profiles', ...ORCHESTRATOR],
    buckets: LATENCY_BUCKETS,
  })
  const duration = make.distribution('livepeer_source_segment_duration_seconds', {
    help: 'Length of source segments',
    costly: stream,
    buckets: DURATION_BUCKETS,
  })
  const retried = make.sum('livepeer_transcode_retried', {
    help: 'Segments sent once more',
    labels: ['try'],
    costly: stream,
  })
  const swaps = make.sum('livepeer_orchestrator_swaps', { help: 'Changes of orchestrator', costly: stream })
  const rate = make.level('livepeer_success_rate', { help: 'Part of the last segments that were transcoded' })
  const rateOf = make.level('livepeer_success_rate_per_stream', { help: 'The same for one stream', costly: stream })
  const valueSent = make.sum('livepeer_ticket_value_sent', { help: 'Expected value sent, in gwei', costly: stream })
  const ticketsSent = make.sum('livepeer_tickets_sent', { help: 'Tickets sent', costly: stream })
  const compared = make.sum('livepeer_fast_verification_done', {
    help: 'Results whose pictures were compared with the source',
    labels: ['orchestrator_uri'],
    costly: stream,
  })
  const unlike = make.sum('livepeer_fast_verification_failed', {
    help: 'Results whose pictures are not those of the source',
    labels: ['orchestrator_uri', 'fverror_type'],
    costly: stream,
  })
  const paymentErrors = make.sum('livepeer_payment_create_errors', {
    help: 'Payments that could not be made',
    costly: stream,
  })
  const verifiable = make.level('livepeer_fast_verification_enabled_current_sessions_total', {
    help: 'Streams whose results are to be compared with those of a trusted orchestrator',
  })
  const verifying = make.level('livepeer_fast_verification_using_current_sessions_total', {
    help: 'Those of them where there is one',
  })
  if (max.sessions > 0) {
    sessions.max.set(max.sessions)
    sessions.current.set(0)
  }
  rate.set(1)

  function countVerified(ending?: ManifestId): void {
    verifiable.set(streams.count(({ fastVerification }) => fastVerification, ending))
    verifying.set(streams.count(({ fastVerified }) => fastVerified, ending))
  }

  function rated({ manifestId, seq }: NodeEventOf<'segment_transcoded' | 'segment_lost'>, good: boolean): void {
    streams.result(manifestId, seq, good)
    rate.set(streams.successRate())
    rateOf.set(streams.successRate(manifestId), { manifest_id: manifestId })
  }

  function submitted(event: NodeEventOf<'segment_submitted'>): void {
    const manifest_id = event.manifestId
    uploaded.add(1, { orchestrator_uri: event.orchestratorUri, manifest_id })
    valueSent.add(gwei(event.expectedValueWei), { manifest_id })
    ticketsSent.add(event.tickets, { manifest_id })
    if (event.attempt > 1) retried.add(1, { try: String(event.attempt), manifest_id })
    if (streams.asked(event.manifestId, event.orchestrator)) swaps.add(1, { manifest_id })
  }

  return (event) => {
    switch (event.type) {
      case 'stream_started':
        created.add(1)
        countVerified()
        return sessions.current.set(streams.size)
      case 'stream_ended':
        ended.add(1)
        countVerified(event.manifestId)
        return sessions.current.set(streams.size - 1)
      case 'fast_verified':
        return countVerified()
      case 'payment_failed':
        return paymentErrors.add(1, { manifest_id: event.manifestId })
      case 'segment_received': {
        const manifest_id = event.manifestId
        if (streams.get(event.manifestId)?.segments === 1) started.add(1)
        emerged.add(1, { manifest_id })
        unprocessed.add(1, { manifest_id, client_ip: streams.get(event.manifestId)?.clientIp })
        appeared.add(1, { profile: 'source', seg_type: 'regular', manifest_id })
        return duration.observe(event.durationMs / 1_000, { manifest_id })
      }
      case 'segment_submitted':
        return submitted(event)
      case 'segment_transcoded': {
        const labels: Labels = {
          profiles: event.renditions.map(({ name }) => name).join(','),
          orchestrator_uri: event.orchestratorUri,
          orchestrator_address: event.orchestrator,
          orchestrator_version: event.orchestratorVersion,
          manifest_id: event.manifestId,
        }
        downloaded.add(1, labels)
        received.add(1, labels)
        allAppeared.add(1, labels)
        latency.observe(event.delayMs / 1_000, labels)
        return rated(event, true)
      }
      case 'result_compared': {
        const labels = { orchestrator_uri: event.orchestratorUri, manifest_id: event.manifestId }
        compared.add(1, labels)
        // go-livepeer's 1 are pictures that look different, its 2 streams that are built differently.
        if (event.fault !== undefined) unlike.add(1, { ...labels, fverror_type: '1' })
        return
      }
      case 'segment_transferred':
        uploadTime.observe(event.uploadMs / 1_000, { orchestrator_uri: event.orchestratorUri })
        return downloadTime.observe(event.downloadMs / 1_000, { manifest_id: event.manifestId })
      case 'discovery_failed':
        return discoveryErrors.add(1, { error_code: event.code, orchestrator_uri: event.orchestratorUri })
      case 'auth_webhook_answered':
        return webhookTime.observe(event.elapsedMs)
      case 'segment_attempt_failed': {
        const labels = { error_code: attemptErrorCode(event), manifest_id: event.manifestId }
        if (NO_ANSWER.has(event.code)) uploadFailed.add(1, { ...labels, orchestrator_uri: event.orchestratorUri })
        return failed.add(1, labels)
      }
      case 'segment_lost':
        failed.add(1, { error_code: LOST_ERROR_CODES[event.reason], manifest_id: event.manifestId })
        return rated(event, false)
    }
  }
}
