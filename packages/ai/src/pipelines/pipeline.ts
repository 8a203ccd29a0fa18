import type { z } from 'zod'

/** What one unit of a pipeline's price is. */
export type AiUnit = 'pixel' | 'millisecond' | 'token' | 'character'

/** What is known about the files of a request before it runs, because the price hangs on it. */
export type InputFacts = {
  readonly image?: { readonly width: number; readonly height: number }
  readonly audio?: { readonly durationMs: number }
}

/** A file field of a request. */
export type FileField = {
  readonly name: 'image' | 'audio'
  readonly about: string
  readonly maxBytes: number
}

/**
 * One kind of AI job, told once: what drives the gateway's endpoint, the orchestrator's, the runner's, the OpenAPI document,
 * the price and the forms of a page. Names, fields and defaults are those of the network (ai-runner's openapi.yaml 0.14.1).
 */
export type Pipeline = {
  /** Also the path: `text-to-image`. */
  readonly name: string
  /** The bit of the network's capabilities. */
  readonly capability: number
  readonly title: string
  readonly about: string
  readonly body: 'json' | 'multipart'
  /** The fields beside the files. */
  readonly request: z.ZodObject
  readonly files: readonly FileField[]
  /** What the runner answers; files stand in it as the value of a `url`. */
  readonly response: z.ZodObject
  /** The field that names the model. */
  readonly modelField: 'model_id' | 'model'
  /** What a gateway of upstream asks for where the request names no model. */
  readonly defaultModel: string
  readonly unit: AiUnit
  /** How many units a valid request costs; the same on both sides of a sale. */
  readonly units: (request: Readonly<Record<string, unknown>>, facts: InputFacts) => bigint
  /** Whether the answer may come in chunks, where the request says `stream`. */
  readonly streams: boolean
}
