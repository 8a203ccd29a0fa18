import { LivePool, type LoadProgress, openLiveRunners, openRunners, RunnerPool, serveAiRunner } from '@millrace/ai'
import type { Part } from '@millrace/base'
import { type AiWorkerConfig, NODE_VERSION } from '../config/node-config.ts'
import { RemoteAiWorker } from '../links/grpc/remote-ai-worker.ts'
import { type Listening, listenPlain } from '../links/http/listening.ts'
import { AiWorker } from '../worker/ai-worker.ts'
import type { Shared } from './shared.ts'

const MB = 1_000_000

/** An AI worker with its runners; those that are kept warm begin to load when the node starts. It joins the orchestrator of another process when one is named. */
export function composeAiWorker(config: AiWorkerConfig, shared: Shared, parts: Part[]): AiWorker {
  const { log } = shared
  const { folder } = config
  const modelsFolder = folder === undefined ? {} : { modelsFolder: folder }
  const onProgress = ({ modelId }: { readonly modelId: string }, { what, done, total }: LoadProgress) =>
    log.info('a model is being loaded', {
      ...{ modelId, what, mb: Number((done / MB).toFixed(1)) },
      ...(total !== undefined && { ofMb: Number((total / MB).toFixed(1)) }),
    })
  const pool = new RunnerPool(openRunners(config.models, modelsFolder), {}, { log, onProgress })
  const live = new LivePool(openLiveRunners(config.models, modelsFolder, { log }), {}, { log, onProgress })
  const worker = new AiWorker({ workerId: config.workerId }, { pool, live })
  parts.push(pool, live, worker)
  if (config.runnerApi) parts.push(runnerApi(config.runnerApi, { pool, live }, shared))
  if (config.orchestrator) {
    const { uri, secret } = config.orchestrator
    const options = { orchestratorUri: uri, secret, version: NODE_VERSION }
    parts.push(new RemoteAiWorker(options, { worker, log, onFatal: shared.onFatal }))
  }
  return worker
}

function runnerApi(
  { listen, token }: NonNullable<AiWorkerConfig['runnerApi']>,
  pools: { readonly pool: RunnerPool; readonly live: LivePool },
  { log }: Pick<Shared, 'log'>,
): Part {
  let listening: Listening | undefined
  return {
    name: 'ai-runner-api',
    start: async () => {
      listening = await listenPlain(serveAiRunner({ token }, { ...pools, log }), { ...listen, flag: '-aiRunnerAddr' })
    },
    stop: async () => listening?.close(),
  }
}
