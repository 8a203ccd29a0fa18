import { randomBytes } from 'node:crypto'
import type { NodeEvent, NodeEventOf, NodeId } from '@millrace/wire'

/** A part of a segment's way, as OpenTelemetry has it. Ids are hexadecimal, times milliseconds since 1970. */
export type Span = {
  readonly traceId: string
  readonly spanId: string
  /** Absent for the first span of a trace. */
  readonly parentSpanId?: string
  readonly name: string
  readonly nodeId: NodeId
  readonly startMs: number
  readonly endMs: number
  /** Why it failed; absent where it did not. */
  readonly error?: string
  readonly attributes: Readonly<Record<string, string | number>>
}

/** Segments whose end never comes must not pile up. */
const MAX_OPEN = 2_000

type Open = { readonly receivedMs: number; begun: boolean; readonly submittedMs: Map<string, number> }

/**
 * Makes spans from events, five for a segment that went through: gateway.submit, orchestrator.receive, worker.transcode,
 * orchestrator.answer, gateway.deliver. Each process makes those of its own nodes; the trace context that the gateway
 * sends along (W3C `traceparent`) ties them together, and gateway.submit is the parent of the others.
 */
export class SegmentSpans {
  readonly #open = new Map<string, Open>()

  /** The spans that end with this event. */
  take(event: NodeEvent): readonly Span[] {
    switch (event.type) {
      case 'segment_received':
        this.#received(event)
        return []
      case 'segment_submitted':
        return this.#submitted(event)
      case 'segment_transcoded':
        return this.#delivered(event, undefined)
      case 'segment_attempt_failed':
        return this.#delivered(event, event.code)
      case 'segment_lost':
        this.#open.delete(keyOf(event))
        return []
      case 'segment_served':
        return [
          ...child(event, 'orchestrator.receive', { startMs: event.receivedAtMs, endMs: event.dispatchedAtMs }),
          ...child(event, 'orchestrator.answer', { startMs: event.returnedAtMs, endMs: event.atMs }),
        ]
      case 'work_done':
        return child(event, 'worker.transcode', { startMs: event.atMs - event.elapsedMs, endMs: event.atMs })
      default:
        return []
    }
  }

  #received(event: NodeEvent & NodeEventOf<'segment_received'>): void {
    this.#open.set(keyOf(event), { receivedMs: event.atMs, begun: false, submittedMs: new Map() })
    if (this.#open.size > MAX_OPEN) this.#open.delete(this.#open.keys().next().value as string)
  }

  #submitted(event: NodeEvent & NodeEventOf<'segment_submitted'>): readonly Span[] {
    const open = this.#open.get(keyOf(event))
    const context = contextOf(event)
    if (!open || !context) return []
    open.submittedMs.set(event.orchestrator, event.atMs)
    if (open.begun) return []
    open.begun = true
    return [
      {
        traceId: context.traceId,
        spanId: context.spanId,
        name: 'gateway.submit',
        nodeId: event.nodeId,
        startMs: open.receivedMs,
        endMs: event.atMs,
        attributes: attributesOf(event),
      },
    ]
  }

  #delivered(
    event: NodeEvent & NodeEventOf<'segment_transcoded' | 'segment_attempt_failed'>,
    error: string | undefined,
  ): readonly Span[] {
    const open = this.#open.get(keyOf(event))
    if (event.type === 'segment_transcoded') this.#open.delete(keyOf(event))
    const startMs = open?.submittedMs.get(event.orchestrator)
    return startMs === undefined ? [] : child(event, 'gateway.deliver', { startMs, endMs: event.atMs }, error)
  }
}

type SegmentEvent = NodeEvent & { readonly manifestId: string; readonly seq: number }

const keyOf = ({ nodeId, manifestId, seq }: SegmentEvent): string => `${nodeId}/${manifestId}/${seq}`

function child(
  event: SegmentEvent,
  name: string,
  times: { readonly startMs: number; readonly endMs: number },
  error?: string,
): readonly Span[] {
  const context = contextOf(event)
  if (!context) return []
  return [
    {
      traceId: context.traceId,
      spanId: randomBytes(8).toString('hex'),
      parentSpanId: context.spanId,
      name,
      nodeId: event.nodeId,
      ...times,
      ...(error !== undefined && { error }),
      attributes: attributesOf(event),
    },
  ]
}

/** The ids of a W3C trace context, which a peer may have written. */
function contextOf({ traceparent }: NodeEvent): { readonly traceId: string; readonly spanId: string } | undefined {
  const match = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(traceparent ?? '')
  return match ? { traceId: match[1]!, spanId: match[2]! } : undefined
}

function attributesOf(event: SegmentEvent): Span['attributes'] {
  const { manifestId, seq } = event
  return {
    'livepeer.manifest_id': manifestId,
    'livepeer.seq': seq,
    ...('orchestrator' in event && { 'livepeer.orchestrator': String(event.orchestrator) }),
    ...('worker' in event && { 'livepeer.worker': String(event.worker) }),
    ...('attempt' in event && { 'livepeer.attempt': Number(event.attempt) }),
  }
}
