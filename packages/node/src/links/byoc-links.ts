import type { JobParameters } from '@millrace/ai'
import type { Refusal } from './orchestrator-service.ts'

/** A job that is signed, paid and, where it needs one, has a place. Every job must be released. */
export type ByocJob = {
  readonly id: string
  readonly capability: string
  /** Who signed it. */
  readonly sender: string
  /** Of the app that does it. */
  readonly url: string
  /** What the app wants as a bearer token. */
  readonly token: string | undefined
  readonly timeoutMs: number
  readonly streamId: string
  readonly parameters: JobParameters
  /** Takes the fee of so many seconds more, and remembers it as the job's; false when the account is below zero then. */
  charge(seconds: number): boolean
  /** Tells that it was done, in so many milliseconds. */
  sold(tookMs: number): void
  /** What is left in the account, in wei with so many digits behind the point. */
  balance(digits: number): string
  /** The app is not there, or does not know its token: nobody is sent to it until it registers again. */
  removeCapability(reason: string): void
  /** Gives the place back; may be called twice. */
  release(): void
}

/** What stands behind the paths of capabilities; implemented by orchestrator/byoc/byoc-sales.ts. Its methods throw ComputeErrors. */
export type ByocService = {
  register(authorization: string | undefined, body: string): Promise<void>
  unregister(authorization: string | undefined, name: string): void
  /** The body of the answer to `/process/token`. */
  token(headers: { readonly sender: string | undefined; readonly capability: string | undefined }): Promise<string>
  admit(
    headers: { readonly job: string | undefined; readonly payment: string | undefined },
    options: {
      readonly reserve: boolean
      /** False for what must be possible without money too. */
      readonly paid?: boolean
    },
  ): Promise<ByocJob | Refusal>
}

/** What an app answered, to be handed on. */
export type WorkerAnswer = {
  readonly status: number
  readonly contentType: string | undefined
  readonly body: Uint8Array
  readonly headers: Readonly<Record<string, string>>
}

/** Streams of capabilities; implemented by orchestrator/byoc/byoc-streams.ts. Its methods throw ComputeErrors. */
export type ByocStreamService = {
  /** Takes the job over: it is released when the stream ends, or did not begin. */
  startStream(job: ByocJob, body: Uint8Array, call: { readonly signal: AbortSignal }): Promise<WorkerAnswer>
  updateStream(job: ByocJob, body: Uint8Array, call: { readonly signal: AbortSignal }): Promise<WorkerAnswer>
  stopStream(job: ByocJob, body: Uint8Array, call: { readonly signal: AbortSignal }): Promise<WorkerAnswer>
}
