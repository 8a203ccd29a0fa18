import type { Part } from '@millrace/base'
import { type MediaEngine, openMediaEngine } from '@millrace/media'
import { NODE_VERSION, type WorkerConfig } from '../config/node-config.ts'
import { RemoteWorker } from '../links/grpc/remote-worker.ts'
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
  const worker = Object.assign(
    new Worker({ workerId: config.workerId, capacity: config.capacity }, { engine, log, tell }),
    {
      engineText: engineText(engine),
    },
  )
  parts.push({ name: 'media-engine', stop: () => engine.close() }, worker)
  if (config.orchestrator) {
    const { uri, secret } = config.orchestrator
    const options = { orchestratorUri: uri, secret, version: NODE_VERSION }
    parts.push(new RemoteWorker(options, { worker, log, onFatal: shared.onFatal }))
  }
  return worker
}

const engineText = ({ info }: MediaEngine): string => `${info.name} ${info.version}`
