import type { AiJob, AiResult, LiveChannels, LiveRequest, LiveRun, LiveStart, Pipeline, RunContext } from '@millrace/ai'
import type { NodeId } from '@millrace/wire'
import type { Refusal, SegmentHeaders } from './orchestrator-service.ts'

/** A model that a worker runs, as it stands now. */
export type OfferedModel = {
  readonly pipeline: string
  readonly modelId: string
  /** Whether it answers at once; a cold one is loaded by its first job. */
  readonly warm: boolean
  /** Jobs that it takes at once. */
  readonly capacity: number
  readonly inUse: number
  readonly version: string
}

/** A live stream as an orchestrator gives it to a worker. */
export type LiveJob = {
  readonly modelId: string
  readonly request: LiveRequest
  /** The same channels, for a runner of the orchestrator's own process. */
  readonly here: LiveRequest
}

/**
 * How an orchestrator reaches an AI worker: the runners of the same node, or the far end of a RegisterAIWorker stream.
 * `runAiJob` throws an AiError; one of another process that is gone throws `worker_gone`.
 */
export type AiWorkerLink = {
  readonly workerId: NodeId
  offers(): readonly OfferedModel[]
  runAiJob(pipeline: Pipeline, job: AiJob, context: RunContext): Promise<AiResult>
  /**
   * Begins to work on a live stream, whose place is taken until it has ended. Throws an AiError, or `worker_gone`.
   * Those who leave it out must offer no model of live video.
   */
  startLive?(job: LiveJob, call: { readonly signal: AbortSignal }): Promise<LiveRun>
}

/** A job whose model has room and whose payment was taken. */
export type AcceptedAiJob = {
  /** Does the work; throws an AiError, and then the fee goes back to the caller's account. Called once. */
  run(context: RunContext): Promise<AiResult>
  /** Instead of `run`: the caller went away. */
  abandon(): void
}

/** A caller whose headers are in order; the job itself has not arrived yet. */
export type AdmittedAiCall = {
  begin(pipeline: Pipeline, job: AiJob, call: { readonly signal: AbortSignal }): Promise<AcceptedAiJob | Refusal>
}

/** What stands behind the AI paths of the orchestrator's TLS port; implemented by orchestrator/ai/ai-sales.ts. */
export type AiService = {
  admit(headers: SegmentHeaders): Promise<AdmittedAiCall | Refusal>
  /** Where the files of a result are for the gateway. */
  store(requestId: string, file: AiResult['files'][number]): string
}

/** What stands behind `/live-video-to-video`; implemented by orchestrator/live-ai/live-sales.ts. */
export type LiveAiService = {
  begin(
    headers: SegmentHeaders,
    start: LiveStart,
    call: { readonly signal: AbortSignal },
  ): Promise<LiveChannels | Refusal>
}

/** What stands behind `/payment` and `/refresh-payment`; implemented by orchestrator/ai/live-payments.ts. */
export type PaymentService = {
  take(headers: SegmentHeaders): Promise<Uint8Array | Refusal>
  refresh(body: unknown): Promise<Readonly<Record<string, string>> | Refusal>
}
