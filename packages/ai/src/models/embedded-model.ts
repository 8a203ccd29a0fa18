import type { AiJob, AiResult, LoadProgress } from '../runners/runner.ts'
import type { PackageSpec } from './package-store.ts'

/** What a person should know of a model before using it. */
export type ModelCard = {
  /** Honest and ours: `millrace/…`; never the name of a model that it is not. */
  readonly id: string
  readonly pipeline: string
  readonly title: string
  readonly about: string
  /** Of the weights and of the code that runs them. */
  readonly licence: string
  /** Bytes that are fetched the first time. */
  readonly downloadBytes: number
  /** What was measured, with the data it was measured on. */
  readonly score: string
  /** Packages that are fetched the first time. */
  readonly packages: readonly PackageSpec[]
  /** A job may take so long, where that is longer than a runner would let it. */
  readonly timeLimitMs?: number
}

export type OpenModel = {
  run(job: AiJob, context: { readonly signal: AbortSignal }): Promise<AiResult>
  close(): Promise<void>
}

/** A model that runs in a child process of its own; `open` is called there. */
export type EmbeddedModel = {
  readonly card: ModelCard
  /** `folders` has the folder of each package of the card, by its name; `cache` is a folder for what is made of them. */
  open(given: {
    readonly folders: ReadonlyMap<string, string>
    readonly cache: string
    readonly onProgress: (progress: LoadProgress) => void
  }): Promise<OpenModel>
}
