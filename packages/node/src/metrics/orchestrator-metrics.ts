import type { NodeEventOf } from '@millrace/wire'
import { refusalCode } from './error-codes.ts'
import { type Fold, fraction, gwei } from './fold.ts'
import type { MetricFactory } from './metric-factory.ts'
import type { SessionLevels } from './session-levels.ts'

const SCORE_BUCKETS = [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 10, 15, 20, 40]
const TIME_BUCKETS = [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 10]

/** What an orchestrator and its workers do and are paid for. */
export function orchestratorMetrics(
  make: MetricFactory,
  sessions: SessionLevels,
  options: { readonly perStream: boolean },
): Fold {
  const segment = ['manifest_id', 'sender'] as const
  const valueReceived = make.sum('livepeer_ticket_value_recv', {
    help: 'Expected value received, in gwei',
    costly: segment,
  })
  const received = make.sum('livepeer_tickets_recv', { help: 'Tickets received', costly: segment })
  const refused = make.sum('livepeer_payment_recv_errors', {
    help: 'Segments that were refused, payments among them',
    labels: ['error_code'],
    costly: segment,
  })
  const won = make.sum('livepeer_winning_tickets_recv', { help: 'Winning tickets received', costly: segment })
  const transcoded = make.sum('livepeer_segment_transcoded_total', {
    help: 'Segments transcoded',
    labels: ['profiles', 'trusted', 'verified'],
  })
  const time = make.distribution('livepeer_transcode_time_seconds', {
    help: 'Seconds for transcoding a segment',
    labels: ['profiles', 'trusted', 'verified'],
    buckets: TIME_BUCKETS,
  })
  const score = make.distribution('livepeer_transcode_score', {
    help: 'Length of a segment over the time for transcoding it',
    labels: ['profiles', 'trusted', 'verified'],
    buckets: SCORE_BUCKETS,
  })
  const pixels = make.sum('livepeer_mil_pixels_processed', {
    help: 'Pixels encoded, in millions',
    costly: ['manifest_id', 'client_ip'],
  })
  const price = make.level('livepeer_transcoding_price', { help: 'Wei for a pixel', costly: ['sender'] })
  const maxFloat = make.level('livepeer_gateway_max_float', {
    help: 'How much a gateway is trusted with, in gwei',
    labels: ['sender'],
  })
  const faceValue = make.level('livepeer_gateway_ticket_face_value', {
    help: 'Face value of the tickets that a gateway was asked for, in gwei',
    labels: ['sender'],
  })
  const workers = make.level('livepeer_transcoders_number', { help: 'Workers of the orchestrator' })
  const capacity = make.level('livepeer_transcoders_capacity', { help: 'Sessions that the workers can take' })
  const load = make.level('livepeer_transcoders_load', { help: 'Sessions that the workers have' })

  function worked(event: NodeEventOf<'work_done'>): void {
    // A worker knows sizes and no names; the labels stand as they do upstream.
    const labels = { profiles: '', trusted: 'true', verified: 'unverified' }
    transcoded.add(1, labels)
    time.observe(event.elapsedMs / 1_000, labels)
    if (event.durationMs !== undefined) score.observe(event.durationMs / Math.max(1, event.elapsedMs), labels)
    pixels.add(Number(event.pixels) / 1e6, { manifest_id: event.manifestId })
  }

  return (event) => {
    switch (event.type) {
      case 'payment_received': {
        const labels = { manifest_id: event.manifestId, sender: event.sender }
        valueReceived.add(gwei(event.creditWei), labels)
        return received.add(event.tickets, labels)
      }
      case 'segment_refused':
        return refused.add(1, {
          error_code: refusalCode(event.code),
          manifest_id: event.manifestId,
          sender: event.sender,
        })
      case 'ticket_params_told':
        maxFloat.set(gwei(event.maxFloatWei), { sender: event.sender })
        return faceValue.set(gwei(event.faceValueWei), { sender: event.sender })
      case 'ticket_won':
        return won.add(1, { manifest_id: event.manifestId, sender: event.sender })
      case 'work_done':
        return worked(event)
      case 'node_started':
        if (event.pricePerPixel !== undefined) price.set(fraction(event.pricePerPixel))
        return
      case 'price_changed':
        // Without the label, the price of one gateway would stand for that of all.
        if (event.sender !== undefined && !options.perStream) return
        return price.set(fraction(event.pricePerPixel), { sender: event.sender })
      case 'load_changed':
        sessions.current.set(event.sessions)
        sessions.max.set(event.maxSessions)
        workers.set(event.workers)
        capacity.set(event.workersCapacity)
        return load.set(event.sessions)
    }
  }
}
