import type { Pixels, Wei } from '@millrace/base'
import type { WinningTicket } from '@millrace/payments'
import type { Address, LivePart, ManifestId, NodeId, SessionId, VideoCodec, VideoProfile } from '@millrace/wire'

type Call = { readonly signal?: AbortSignal | undefined }

/** One segment to transcode, as an orchestrator gives it to a worker. */
export type TranscodeJob = {
  readonly manifestId: ManifestId
  readonly sessionId: SessionId
  readonly seq: number
  readonly durationMs: number
  readonly profiles: readonly VideoProfile[]
  readonly container: 'mpegts' | 'mp4'
  readonly data: Uint8Array
  /** Whether the video signature of each rendition is wanted. */
  readonly signatures?: boolean | undefined
  /** W3C trace context of the segment, where there is one. */
  readonly traceparent?: string | undefined
}

/** One segment that is still arriving: whole PES packets of an MPEG transport stream. */
export type LiveTranscodeJob = Omit<TranscodeJob, 'data' | 'container' | 'signatures'> & {
  readonly chunks: AsyncIterable<Uint8Array>
}

/** A part of a rendition, and the initialisation segment that it needs where it begins or changes. */
export type LiveRenditionPart = LivePart & { readonly init?: Uint8Array | undefined }

/** The renditions of one segment, in the order of the job's profiles. */
export type TranscodedSegment = {
  readonly renditions: readonly {
    readonly data: Uint8Array
    readonly pixels: Pixels
    /** MPEG-7, in binary, where it was asked for and could be made. */
    readonly signature?: Uint8Array | undefined
  }[]
  readonly decodedPixels: Pixels
}

/** What a worker that is being stopped answers to a new task; its orchestrator then asks another worker. */
export const WORKER_STOPPING = 'the worker is stopping'

export type TranscodeLive = (
  job: LiveTranscodeJob,
  call: Call & { readonly part: (part: LiveRenditionPart) => void },
) => Promise<TranscodedSegment>

/**
 * How an orchestrator reaches a worker: the worker itself in the same node, or the far end of a RegisterTranscoder stream.
 * Implemented by worker/worker.ts and links/grpc/worker-registry.ts.
 */
export type WorkerLink = {
  readonly workerId: NodeId
  /** Sessions that it takes at once. */
  readonly capacity: number
  /** The codecs that it encodes; H.264 alone where it does not say. */
  readonly codecs?: readonly VideoCodec[] | undefined
  /** The network address that it came from; a worker of the same node has none. */
  readonly address?: string | undefined
  transcode(job: TranscodeJob, call?: Call): Promise<TranscodedSegment>
  /**
   * Gives out parts while the segment arrives; the renditions at the end are those parts joined.
   * Absent where only whole segments are taken.
   */
  transcodeLive?: TranscodeLive | undefined
  endSession(sessionId: SessionId): Promise<void>
}

/**
 * How an orchestrator reaches who redeems its winning tickets: an object of the same node, or a redeemer of its own.
 * Implemented by redeemer/redeemer.ts and links/grpc/redeemer-client.ts.
 */
export type RedeemerLink = {
  /** Takes a winning ticket; once it resolves the ticket is not lost any more. */
  queueTicket(ticket: WinningTicket, call?: Call): Promise<void>
  /** The most face value that a ticket of the sender may have, in wei. */
  maxFloat(sender: Address, call?: Call): Promise<Wei>
}

/**
 * What other nodes may hand in and take out of the evidence of disputes. Implemented by disputes/evidence-store.ts.
 */
export type EvidenceDoor = {
  /** Whether evidence of this name is missing here and an open dispute is about it. */
  wants(key: string): Promise<boolean>
  /** Throws `bad_evidence` when it is not what its name says; false when there is no room. */
  put(key: string, bytes: Uint8Array): boolean
  get(key: string): Uint8Array | undefined
}
