import type { AiFile } from '../files.ts'

/** Where a runner stands, in the words of ai-runner's /health. */
export type RunnerState = 'LOADING' | 'OK' | 'IDLE' | 'ERROR'

export type RunnerKind = 'embedded' | 'ai-runner' | 'openai' | 'comfyui' | 'http-app'

/** One request of a batch pipeline, checked against its schema. */
export type AiJob = {
  readonly requestId: string
  /** The fields beside the files, with all defaults; its model field names this runner's model. */
  readonly request: Readonly<Record<string, unknown>>
  /** By the name of the field: `image`, `audio`. */
  readonly files: Readonly<Record<string, AiFile>>
}

/** What a job gave. */
export type AiResult = {
  /** As the pipeline's response says; where a `url` names a file of this result, it is the file's name. */
  readonly response: Readonly<Record<string, unknown>>
  readonly files: readonly AiFile[]
}

export type RunContext = {
  readonly signal: AbortSignal
  /** Given where the request says `stream`: takes each chunk in order; the result is then the answer as a whole. */
  readonly onChunk?: (chunk: Readonly<Record<string, unknown>>) => void
}

/** How far a load has come; `total` is unknown until it is known. */
export type LoadProgress = { readonly what: string; readonly done: number; readonly total: number | undefined }

/**
 * What runs one model of one pipeline: a child process of ours, or a server that somebody runs.
 * `run` throws an AiError and never hangs longer than its signal lets it; a runner that dies says ERROR and may be loaded again.
 */
export type Runner = {
  readonly kind: RunnerKind
  readonly pipeline: string
  readonly modelId: string
  readonly version: string
  /** Jobs that it takes at once. */
  readonly capacity: number
  /** Makes it ready; called again after an ERROR. */
  load(options: { readonly signal: AbortSignal; readonly onProgress?: (progress: LoadProgress) => void }): Promise<void>
  health(): Promise<RunnerState>
  run(job: AiJob, context: RunContext): Promise<AiResult>
  /** Gives back what it holds; it can be loaded again. */
  unload(): Promise<void>
}
