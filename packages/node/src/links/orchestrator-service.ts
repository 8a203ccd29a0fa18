import type {
  AuthToken,
  LiveMessage,
  NotifySegment,
  OrchestratorInfo,
  OrchestratorRequest,
  RegisterRequest,
  TranscodeResult,
} from '@millrace/wire'
import type { TranscodedSegment } from './ports.ts'

/** A refusal before any work is done, with the status and text that peers of the network expect. */
export type Refusal = { readonly status: number; readonly text: string }

/** A segment whose headers and payment were accepted; its body has not arrived yet. */
export type AcceptedSegment = {
  readonly maxBytes: number
  readonly bodyTimeoutMs: number
  /** Fetches a source whose address came in place of its bytes. */
  fetchBody(url: string, options: { readonly signal: AbortSignal }): Promise<Uint8Array>
  /** Checks the body against the signed hash; returns a refusal when it is another one. */
  checkBody(body: Uint8Array): Promise<Refusal | undefined>
  /** Does the work; failures travel inside the result. */
  process(body: Uint8Array, options: { readonly signal: AbortSignal }): Promise<TranscodeResult>
  /** The sender went away before the body was complete. */
  abandon(): void
}

/** A live segment whose opening headers and payment were accepted. */
export type AcceptedLiveSegment = {
  readonly maxBytes: number
  /** The longest silence between two messages. */
  readonly idleMs: number
  /** Does the work while the segment's messages arrive, and gives out its parts; failures travel inside the result. */
  process(
    messages: AsyncIterable<LiveMessage>,
    call: { readonly signal: AbortSignal; readonly send: (message: LiveMessage) => void },
  ): Promise<TranscodeResult>
  /** The sender went away before anything else. */
  abandon(): void
}

export type SegmentHeaders = {
  readonly payment: string | undefined
  readonly segment: string | undefined
  readonly traceparent: string | undefined
}

/** What stands behind the orchestrator's TLS port; implemented by orchestrator/orchestrator.ts. */
export type OrchestratorService = {
  getOrchestrator(request: OrchestratorRequest): Promise<OrchestratorInfo>
  endSession(token: AuthToken): Promise<void>
  ping(value: Uint8Array): Uint8Array
  acceptSegment(headers: SegmentHeaders): Promise<AcceptedSegment | Refusal>
  acceptLiveSegment(headers: SegmentHeaders): Promise<AcceptedLiveSegment | Refusal>
  /** A stored rendition by its path below /stream/. */
  storedObject(path: string): { readonly contentType: string; readonly data: Uint8Array } | undefined
}

/** A worker's answer to one task. */
export type TaskResult =
  | {
      readonly renditions: TranscodedSegment['renditions']
      readonly decodedPixels: bigint
    }
  | { readonly error: string }

/** The source of a task, and the trace that it belongs to. */
export type TaskSource = { readonly data: Uint8Array; readonly traceparent: string | undefined }

/** A live segment that waits for its worker to connect. */
export type LiveTask = {
  readonly chunks: AsyncIterable<Uint8Array>
  readonly traceparent: string | undefined
  /** Aborts when the segment is given up. */
  readonly signal: AbortSignal
  /** Takes what the worker sends. */
  message(message: LiveMessage): void
  /** The worker's connection is over; without its last message the task has failed. */
  ended(error?: unknown): void
}

/** Where remote workers meet their orchestrator; implemented by links/grpc/worker-registry.ts. */
export type WorkerService = {
  /** Yields the worker's tasks until it goes away; throws for a wrong secret or no capacity. */
  register(request: RegisterRequest, remote: string | undefined, signal: AbortSignal): AsyncIterable<NotifySegment>
  /** True when the secret is the right one. */
  authorized(credentials: string): boolean
  result(taskId: number, result: TaskResult): void
  /** The live task of this path, for the one worker that connects first. */
  liveTask(path: string): LiveTask | undefined
  /** The source of a task that waits to be fetched. */
  source(path: string): TaskSource | undefined
}

export const isRefusal = (value: object): value is Refusal => 'status' in value && 'text' in value
