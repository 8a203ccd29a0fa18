import { randomUUID } from 'node:crypto'
import type { ManifestId, NodeEvent, NodeEventOf } from '@millrace/wire'

/** What became of one segment, in the form that consumers of go-livepeer's message queue read (wire spec 6.8). Times in milliseconds. */
export type TranscodeReport = {
  readonly type: 'transcode'
  readonly id: string
  readonly timestamp: number
  readonly streamId: ManifestId
  readonly nodeId: string
  readonly segment: {
    readonly name: string
    readonly seqNo: number
    /** In seconds. */
    readonly duration: number
    readonly byteSize: number
  }
  readonly startTime: number
  readonly latencyMs: number
  readonly success: boolean
  readonly attempts: readonly TranscodeAttempt[]
}

export type TranscodeAttempt = {
  readonly orchestrator: { readonly address: string; readonly transcodeUri: string }
  readonly latencyMs: number
  readonly error: string | null
}

type Open = {
  readonly received: NodeEventOf<'segment_received'> & NodeEvent
  readonly submitted: Map<string, NodeEventOf<'segment_submitted'> & NodeEvent>
  readonly attempts: TranscodeAttempt[]
}

/** Segments that may be under way at once; events of more are not put together. */
const MAX_OPEN = 2_000

/** Puts the events of each segment together to one report, when its renditions are there or nobody delivered. */
export class TranscodeReports {
  readonly #open = new Map<string, Open>()

  take(event: NodeEvent): TranscodeReport | undefined {
    switch (event.type) {
      case 'segment_received':
        if (this.#open.size < MAX_OPEN)
          this.#open.set(keyOf(event), { received: event, submitted: new Map(), attempts: [] })
        return undefined
      case 'segment_submitted':
        this.#open.get(keyOf(event))?.submitted.set(event.orchestrator, event)
        return undefined
      case 'segment_attempt_failed': {
        const open = this.#open.get(keyOf(event))
        open?.attempts.push(attempt(open, event.orchestrator, event.atMs, event.message))
        return undefined
      }
      case 'segment_transcoded': {
        const open = this.#close(event)
        open?.attempts.push(attempt(open, event.orchestrator, event.atMs, null))
        return open && report(open, event, true)
      }
      case 'segment_lost': {
        const open = this.#close(event)
        return open && report(open, event, false)
      }
      case 'stream_ended':
        for (const [key, { received }] of this.#open)
          if (received.manifestId === event.manifestId) this.#open.delete(key)
        return undefined
      default:
        return undefined
    }
  }

  #close(event: { readonly manifestId: ManifestId; readonly seq: number }): Open | undefined {
    const open = this.#open.get(keyOf(event))
    this.#open.delete(keyOf(event))
    return open
  }
}

/** The routing key: a gateway's name there, the kind of report, a letter to share the work by, and the stream. */
export const routingKeyOf = ({ streamId }: TranscodeReport): string =>
  `broadcaster.stream_health.transcode.${streamId.charAt(0)}.${streamId}`

const keyOf = ({ manifestId, seq }: { readonly manifestId: ManifestId; readonly seq: number }) => `${manifestId}/${seq}`

function attempt(open: Open, orchestrator: string, atMs: number, error: string | null): TranscodeAttempt {
  const submitted = open.submitted.get(orchestrator)
  return {
    orchestrator: { address: orchestrator, transcodeUri: submitted?.orchestratorUri ?? '' },
    latencyMs: Math.max(0, atMs - (submitted?.atMs ?? open.received.atMs)),
    error,
  }
}

function report({ received, attempts }: Open, { atMs, nodeId }: NodeEvent, success: boolean): TranscodeReport {
  const { manifestId, seq, durationMs, bytes } = received
  return {
    type: 'transcode',
    id: randomUUID(),
    timestamp: atMs,
    streamId: manifestId,
    nodeId,
    segment: { name: `${seq}.ts`, seqNo: seq, duration: durationMs / 1_000, byteSize: bytes },
    startTime: received.atMs,
    latencyMs: Math.max(0, atMs - received.atMs),
    success,
    attempts,
  }
}
