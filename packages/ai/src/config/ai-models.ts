import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { errorText, MillraceError } from '@millrace/base'
import { z } from 'zod'
import { liveCatalogEntry } from '../live/live-catalog.ts'
import { capabilityOf, LIVE_PIPELINE } from '../live/live-pipeline.ts'
import { catalogEntry } from '../models/catalog.ts'
import { PIPELINES } from '../pipelines/registry.ts'
import { type AiPrice, aiPrice } from './ai-price.ts'

export const ADAPTERS = ['embedded', 'ai-runner', 'openai', 'comfyui', 'whisper-cpp'] as const
export type Adapter = (typeof ADAPTERS)[number]

/** A model, and who runs it. */
export type RunnerEntry = {
  readonly pipeline: string
  readonly modelId: string
  readonly warm: boolean
  /** The runner's own when left out. */
  readonly capacity?: number
  readonly adapter: Adapter
  readonly url?: string
  readonly token?: string
  /** What an OpenAI-compatible server calls the model. */
  readonly serverModel?: string
  /** The voice of an OpenAI-compatible server. */
  readonly voice?: string
  /** The file of a workflow of ComfyUI. */
  readonly workflow?: string
}

/** A model that a worker offers, and what it costs. */
export type AiModelEntry = RunnerEntry & {
  readonly price?: AiPrice
  /** The gateway for which the price is; all when left out or `default`. */
  readonly gateway?: string
}

export type AiModels = {
  readonly entries: readonly AiModelEntry[]
  /** What was ignored, in sentences. */
  readonly warnings: readonly string[]
}

const MAX_ENTRIES = 1_000
const text = z.string().min(1).max(500)

const schema = z.object({
  pipeline: text,
  model_id: text,
  warm: z.boolean().nullish(),
  capacity: z.number().int().min(1).max(10_000).nullish(),
  url: z.string().max(2_000).nullish(),
  token: z.string().max(2_000).nullish(),
  adapter: z.enum(ADAPTERS).nullish(),
  server_model: text.nullish(),
  voice: text.nullish(),
  workflow: text.nullish(),
  gateway: z
    .string()
    .regex(/^(default|0x[0-9a-fA-F]{40})?$/, 'an address 0x… or "default" is expected')
    .nullish(),
  price_per_unit: z.unknown().optional(),
  pixels_per_unit: z.unknown().optional(),
  currency: z.unknown().optional(),
  optimization_flags: z.record(z.string(), z.union([z.boolean(), z.string()])).nullish(),
})

/**
 * Reads what `-aiModels` names: a file with a JSON list as upstream's `aiModels.json`, that list itself, or `pipeline:model_id:warm[,…]`.
 * Workflows are looked for beside the file. Throws `ai_models_invalid`, which says which entry and field.
 */
export async function readAiModels(value: string): Promise<AiModels> {
  const given = value.trim()
  if (given.startsWith('[')) return parseAiModels(given, resolve('.'))
  if (!given.endsWith('.json') && /^[a-z0-9-]+:./.test(given)) return parseShortForm(given)
  return parseAiModels(await fileText(resolve(given), 'the file that -aiModels names'), dirname(resolve(given)))
}

/** The entries of a JSON list; workflows are files of the folder. Throws `ai_models_invalid`. */
export async function parseAiModels(json: string, folder: string): Promise<AiModels> {
  const list = parsed(json, 'the list of -aiModels')
  if (!Array.isArray(list)) throw invalid('a JSON list of entries is expected: [{"pipeline": …, "model_id": …}]')
  if (list.length > MAX_ENTRIES) throw invalid(`there are more than ${MAX_ENTRIES} entries`)
  const warnings: string[] = []
  const entries: AiModelEntry[] = []
  for (const [index, item] of list.entries()) entries.push(await entryOf(item, index + 1, folder, warnings))
  return { entries, warnings }
}

/** `text-to-speech:millrace/voice:true,…`; a model's id may hold colons. */
async function parseShortForm(value: string): Promise<AiModels> {
  const warnings: string[] = []
  const entries: AiModelEntry[] = []
  for (const [index, part] of value.split(',').entries()) {
    const [, pipeline, model_id, warm] = /^([^:]+):(.+):(true|false)$/.exec(part.trim()) ?? []
    if (pipeline === undefined)
      throw invalid(
        `entry ${index + 1} (${part.trim().slice(0, 100)}): pipeline:model_id:warm is expected, warm being true or false`,
      )
    entries.push(await entryOf({ pipeline, model_id, warm: warm === 'true' }, index + 1, '.', warnings))
  }
  return { entries, warnings }
}

async function entryOf(item: unknown, number: number, folder: string, warnings: string[]): Promise<AiModelEntry> {
  const { pipeline, model_id: model } = (item ?? {}) as { pipeline?: unknown; model_id?: unknown }
  const named = [pipeline, model].filter((name) => typeof name === 'string').join(', ')
  const where = `entry ${number}${named && ` (${named.slice(0, 200)})`}`
  const read = schema.safeParse(item)
  if (!read.success) {
    const [issue] = read.error.issues
    throw invalid(`${where}: ${issue?.path.join('.') || 'it'}: ${issue?.message}`)
  }
  const entry = read.data
  const unknown = Object.keys(item as object).filter((name) => !(name in schema.shape))
  if (unknown.length > 0) warnings.push(`-aiModels, ${where}: unknown fields are ignored: ${unknown.join(', ')}`)
  if (Object.keys(entry.optimization_flags ?? {}).length > 0)
    warnings.push(`-aiModels, ${where}: optimization_flags are for containers that upstream starts; they are ignored`)
  if (capabilityOf(entry.pipeline) === undefined)
    throw invalid(`${where}: pipeline: there are ${PIPELINES.map(({ name }) => name).join(', ')}, ${LIVE_PIPELINE}`)
  const price = aiPrice(entry)
  if (typeof price === 'string') throw invalid(`${where}: ${price}`)
  const adapter = entry.adapter ?? (entry.url ? 'ai-runner' : 'embedded')
  const fault = faultOf(adapter, entry)
  if (fault) throw invalid(`${where}: ${fault}`)
  return {
    ...{ pipeline: entry.pipeline, modelId: entry.model_id, warm: entry.warm ?? false, adapter },
    ...(entry.capacity && { capacity: entry.capacity }),
    ...(entry.url && { url: entry.url }),
    ...(entry.token && { token: entry.token }),
    ...(entry.server_model && { serverModel: entry.server_model }),
    ...(entry.voice && { voice: entry.voice }),
    ...(entry.workflow && { workflow: resolve(folder, entry.workflow) }),
    ...(price && { price }),
    ...(entry.gateway && { gateway: entry.gateway }),
  }
}

function faultOf(adapter: Adapter, entry: z.infer<typeof schema>): string | undefined {
  if (entry.pipeline === LIVE_PIPELINE && adapter !== 'embedded' && adapter !== 'ai-runner')
    return `adapter: ${adapter} does not serve ${LIVE_PIPELINE}`
  if (adapter === 'comfyui' && !entry.workflow)
    return 'workflow: the file of a workflow in the format of the API is needed'
  if (adapter !== 'comfyui' && entry.workflow) return 'workflow: it is for "adapter": "comfyui" only'
  if (adapter !== 'embedded') {
    if (!entry.url) return `url: where the server is is needed for "adapter": "${adapter}"`
    const url = URL.canParse(entry.url) ? new URL(entry.url) : undefined
    if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return 'url: http://… or https://… is expected'
    return url.username || url.password ? 'url: a password does not belong here: use token' : undefined
  }
  if (entry.url) return 'url: an embedded model has none'
  const known = catalogEntry(entry.model_id) ?? liveCatalogEntry(entry.model_id)
  if (!known)
    return 'model_id: no embedded model has this name, and Millrace starts no containers: run the server yourself and name its url (docs/ai.md)'
  return known.card.pipeline === entry.pipeline
    ? undefined
    : `pipeline: ${entry.model_id} is a model of ${known.card.pipeline}`
}

async function fileText(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new MillraceError('ai_models_invalid', `${what} cannot be read: ${errorText(cause)}`, { cause })
  }
}

function parsed(json: string, what: string): unknown {
  try {
    return JSON.parse(json)
  } catch (cause) {
    throw new MillraceError('ai_models_invalid', `${what} is no JSON: ${errorText(cause)}`, { cause })
  }
}

const invalid = (message: string): MillraceError => new MillraceError('ai_models_invalid', `-aiModels: ${message}`)
