import type { LoadProgress, RunnerKind, RunnerState } from '../runners/runner.ts'
import type { LIVE_PIPELINE } from './live-pipeline.ts'
import type { LiveStatus } from './live-status.ts'

/** A job of live-video-to-video as a runner gets it: the channels are named from its view. */
export type LiveRequest = {
  /** Where the pictures come from. */
  readonly subscribeUrl: string
  /** Where they go. */
  readonly publishUrl: string
  /** JSON objects with changed parameters. */
  readonly controlUrl?: string | undefined
  /** Where status and errors are told. */
  readonly eventsUrl?: string | undefined
  /** What is found in the pictures, as JSON, for effects that look for something. */
  readonly dataUrl?: string | undefined
  readonly params: Readonly<Record<string, unknown>>
  readonly requestId: string
  /** The account that the stream is paid from. */
  readonly manifestId?: string | undefined
  readonly streamId?: string | undefined
  /** How all four channels are reached. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** True where certificates are self-signed, as those of orchestrators are. */
  readonly anyCertificate?: boolean | undefined
}

/** A live stream that somebody works on; it ends by itself when its input does. */
export type LiveRun = {
  /** Resolves with a sentence about why it ended, once whoever worked on it is free again; never rejects. */
  readonly ended: Promise<string>
  stop(): Promise<void>
}

/** A live stream that runs in this process. */
export type LiveSession = LiveRun & {
  status(): LiveStatus
  /** Merges into the parameters. Throws `ai_bad_request`, and then nothing has changed. */
  update(params: Readonly<Record<string, unknown>>): void
}

/** What runs an effect or a model on live streams: child processes of ours, or a server that somebody runs. */
export type LiveRunner = {
  readonly kind: RunnerKind
  readonly pipeline: typeof LIVE_PIPELINE
  readonly modelId: string
  readonly version: string
  /** Streams that it takes at once. */
  readonly capacity: number
  readonly streams: number
  /** The JSON schema of its parameters; undefined where a server does not tell. */
  readonly params: Readonly<Record<string, unknown>> | undefined
  /** Makes it ready for the next stream. */
  load(options: { readonly signal: AbortSignal; readonly onProgress?: (progress: LoadProgress) => void }): Promise<void>
  health(): Promise<RunnerState>
  /** Throws `ai_bad_request` and `ai_no_capacity`; what fails later is told as an event, and ends the session. */
  start(request: LiveRequest, options: { readonly signal: AbortSignal }): Promise<LiveRun>
  /** Ends what waits and what runs. */
  unload(): Promise<void>
}
