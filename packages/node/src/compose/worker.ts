import type { Part } from '@millrace/base'
import { type MediaEngine, openMediaEngine } from '@millrace/media'
import { NODE_VERSION, type WorkerConfig } from '../config/node-config.ts'
import { RemoteWorker } from '../links/grpc/remote-worker.ts'
import { machineCapacity } from '../worker/machine-capacity.ts'
import { Worker } from '../worker/worker.ts'
import type { Shared } from './shared.ts'

/** A worker with its media engine; it joins the orchestrator of another process when one is named. */
export async function composeWorker(
  config: WorkerConfig,
  shared: Shared,
  parts: Part[],
): Promise<Worker & { engineText: string }> {
  const { log, hub } = shared
  const { engine, why } = await openMediaEngine(
    { engine: config.engine, ...(config.preset === undefined ? {} : { preset: config.preset }) },
    { log },
  )
  log.info('media engine chosen', { engine: engine.info.name, version: engine.info.version, why })
  const tell = hub.teller(config.workerId)
  const capacity = config.capacity === 'auto' ? await measured(config, engine, shared) : config.capacity
  const worker = Object.assign(new Worker({ workerId: config.workerId, capacity }, { engine, log, tell }), {
    engineText: engineText(engine),
  })
  parts.push({ name: 'media-engine', stop: () => engine.close() }, worker)
  if (config.orchestrator) {
    const { uri, secret } = config.orchestrator
    const options = { orchestratorUri: uri, secret, version: NODE_VERSION }
    parts.push(new RemoteWorker(options, { worker, log, onFatal: shared.onFatal }))
  }
  return worker
}

async function measured({ preset, ladder }: WorkerConfig, engine: MediaEngine, shared: Shared): Promise<number> {
  const { log, kv } = shared
  try {
    return await machineCapacity({ preset, ladder }, { engine, log, kept: kv })
  } catch (error) {
    await engine.close()
    throw error
  }
}

const engineText = ({ info }: MediaEngine): string => `${info.name} ${info.version}`
