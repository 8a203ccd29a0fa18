import { type Log, MillraceError } from '@millrace/base'
import type { RunnerEntry } from '../config/ai-models.ts'
import { AiRunnerLive } from './ai-runner-live.ts'
import { EmbeddedLiveRunner } from './embedded-live-runner.ts'
import { liveCatalogEntry } from './live-catalog.ts'
import { LIVE_PIPELINE } from './live-pipeline.ts'
import type { LivePoolEntry } from './live-pool.ts'
import type { LiveRunner } from './live-runner.ts'

export type OpenLiveRunnersOptions = {
  /** Where embedded models are kept. Default `modelsFolder()`. */
  readonly modelsFolder?: string | undefined
}

/** The live runners of a list of models, for a pool; entries of other pipelines are left out, and nothing is loaded yet. Throws `ai_models_invalid`. */
export const openLiveRunners = (
  entries: readonly RunnerEntry[],
  options: OpenLiveRunnersOptions,
  deps: { readonly log: Log },
): readonly LivePoolEntry[] =>
  entries
    .filter(({ pipeline }) => pipeline === LIVE_PIPELINE)
    .map((entry) => ({ runner: openLiveRunner(entry, options, deps), warm: entry.warm }))

/** The live runner of one model. Throws `ai_models_invalid`. */
export function openLiveRunner(
  { adapter, modelId, capacity, token, url }: RunnerEntry,
  { modelsFolder }: OpenLiveRunnersOptions,
  deps: { readonly log: Log },
): LiveRunner {
  const places = capacity ? { capacity } : {}
  if (adapter === 'embedded') {
    const known = liveCatalogEntry(modelId)
    if (!known) throw invalid(`there is no embedded effect ${modelId} (docs/live-effects.md lists them)`)
    return new EmbeddedLiveRunner(known, deps, {
      ...places,
      ...(modelsFolder !== undefined && { folder: modelsFolder }),
    })
  }
  if (adapter !== 'ai-runner') throw invalid(`the adapter ${adapter} does not serve ${LIVE_PIPELINE}`)
  if (url === undefined) throw invalid(`${modelId}: the adapter ai-runner needs the url of its server`)
  return new AiRunnerLive({ ...places, modelId, url, token }, deps)
}

const invalid = (text: string): MillraceError => new MillraceError('ai_models_invalid', text)
