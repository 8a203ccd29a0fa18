import { AiRunner, catalogEntry, EmbeddedRunner, type Runner, RunnerPool } from '@millrace/ai'
import { MillraceError, type Part } from '@millrace/base'
import type { AiModelConfig, AiWorkerConfig } from '../config/node-config.ts'
import { AiWorker } from '../worker/ai-worker.ts'
import type { Shared } from './shared.ts'

const MB = 1_000_000

/** An AI worker with its runners; those that are kept warm begin to load when the node starts. */
export function composeAiWorker(config: AiWorkerConfig, shared: Shared, parts: Part[]): AiWorker {
  const { log } = shared
  const entries = config.models.map((model) => ({
    runner: openRunner(model, config.folder),
    warm: model.warm,
    capacity: model.capacity,
  }))
  const pool = new RunnerPool(
    entries,
    {},
    {
      log,
      onProgress: ({ modelId }, { what, done, total }) =>
        log.info('a model is being loaded', {
          modelId,
          what,
          mb: Number((done / MB).toFixed(1)),
          ...(total !== undefined && { ofMb: Number((total / MB).toFixed(1)) }),
        }),
    },
  )
  const worker = new AiWorker({ workerId: config.workerId }, { pool })
  parts.push(pool, worker)
  return worker
}

function openRunner(model: AiModelConfig, folder: string | undefined): Runner {
  const { adapter, pipeline, modelId, token, capacity } = model
  if (adapter === 'embedded') {
    const entry = catalogEntry(modelId)
    if (!entry || entry.card.pipeline !== pipeline)
      throw wrong(model, 'there is no embedded model of this name for it: docs/ai.md lists them')
    return new EmbeddedRunner(entry, { ...(folder !== undefined && { folder }), ...(capacity && { capacity }) })
  }
  const { url } = model
  if (url === undefined) throw wrong(model, `a model of the adapter ${adapter} needs the url of its server`)
  if (adapter === 'ai-runner') return new AiRunner({ pipeline, modelId, url, token, capacity })
  throw wrong(model, `the adapter ${adapter} is not there yet`)
}

const wrong = ({ pipeline, modelId }: AiModelConfig, why: string): MillraceError =>
  new MillraceError('bad_config', `the model ${modelId} for ${pipeline}: ${why}`)
