import { readFileSync } from 'node:fs'
import { errorText, MillraceError } from '@millrace/base'
import type { RunnerEntry } from '../config/ai-models.ts'
import { LIVE_PIPELINE } from '../live/live-pipeline.ts'
import { catalogEntry } from '../models/catalog.ts'
import { AiRunner } from './ai-runner.ts'
import { ComfyUiRunner } from './comfyui.ts'
import { EmbeddedRunner } from './embedded/embedded-runner.ts'
import { OpenAiRunner } from './openai.ts'
import type { Runner } from './runner.ts'
import type { PoolEntry } from './runner-pool.ts'
import { WhisperCppRunner } from './whisper-cpp.ts'

export type OpenRunnersOptions = {
  /** Where embedded models are kept. Default `modelsFolder()`. */
  readonly modelsFolder?: string | undefined
}

/** The batch runners of a list of models, for a pool; live ones are left out, and nothing is loaded yet. Throws `ai_models_invalid`. */
export const openRunners = (entries: readonly RunnerEntry[], options: OpenRunnersOptions = {}): readonly PoolEntry[] =>
  entries
    .filter(({ pipeline }) => pipeline !== LIVE_PIPELINE)
    .map((entry) => ({ runner: openRunner(entry, options), warm: entry.warm, capacity: entry.capacity }))

/** The runner of one model, whoever runs it; it is meant for a pool, which alone unloads it. Throws `ai_models_invalid`. */
export function openRunner(entry: RunnerEntry, { modelsFolder }: OpenRunnersOptions = {}): Runner {
  const { adapter, pipeline, modelId, capacity, token, serverModel, voice, url } = entry
  if (adapter === 'embedded') {
    const known = catalogEntry(modelId)
    if (!known || known.card.pipeline !== pipeline)
      throw invalid(`there is no embedded model ${modelId} for ${pipeline} (docs/ai.md lists them)`)
    const folder = modelsFolder === undefined ? {} : { folder: modelsFolder }
    return new EmbeddedRunner(known, { ...folder, ...(capacity && { capacity }), idleUnloadMs: 0 })
  }
  if (url === undefined) throw invalid(`${modelId} for ${pipeline}: the adapter ${adapter} needs the url of its server`)
  const server = { pipeline, modelId, url, token, capacity }
  if (adapter === 'ai-runner') return new AiRunner(server)
  if (adapter === 'openai') return new OpenAiRunner({ ...server, serverModel, voice })
  if (adapter === 'comfyui')
    return new ComfyUiRunner({ ...server, workflow: readWorkflowFile(entry.workflow, modelId) })
  return new WhisperCppRunner(server)
}

function readWorkflowFile(path: string | undefined, modelId: string): unknown {
  if (path === undefined) throw invalid(`${modelId}: the adapter comfyui needs the file of a workflow`)
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new MillraceError('ai_models_invalid', `the workflow ${path} cannot be read: ${errorText(cause)}`, { cause })
  }
}

const invalid = (text: string): MillraceError => new MillraceError('ai_models_invalid', text)
