import { MillraceError } from '@millrace/base'
import type { AiModelEntry } from '../config/ai-models.ts'
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
  readonly modelsFolder?: string
}

/** The runners of a list of models, for a pool; nothing is loaded yet. Throws `ai_models_invalid`. */
export const openRunners = (entries: readonly AiModelEntry[], options: OpenRunnersOptions = {}): readonly PoolEntry[] =>
  entries.map((entry) => ({ runner: runnerOf(entry, options), warm: entry.warm, capacity: entry.capacity }))

function runnerOf(entry: AiModelEntry, { modelsFolder }: OpenRunnersOptions): Runner {
  const { adapter, pipeline, modelId, capacity, token, serverModel, voice, workflow } = entry
  if (adapter === 'embedded') {
    const known = catalogEntry(modelId)
    if (!known) throw new MillraceError('ai_models_invalid', `there is no embedded model ${modelId}`)
    // The pool unloads what nobody uses.
    const folder = modelsFolder === undefined ? {} : { folder: modelsFolder }
    return new EmbeddedRunner(known, { ...folder, ...(capacity && { capacity }), idleUnloadMs: 0 })
  }
  const { url } = entry
  if (url === undefined) throw new MillraceError('ai_models_invalid', `${modelId}: the url of its server is missing`)
  const server = { pipeline, modelId, url, token, capacity }
  if (adapter === 'ai-runner') return new AiRunner(server)
  if (adapter === 'openai') return new OpenAiRunner({ ...server, serverModel, voice })
  if (adapter === 'comfyui') return new ComfyUiRunner({ ...server, workflow })
  return new WhisperCppRunner(server)
}
