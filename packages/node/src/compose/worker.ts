import { errorText, type Log, type Part } from '@millrace/base'
import { type MediaEngine, openMediaEngine } from '@millrace/media'
import { DEFAULT_LADDER, type VideoProfile } from '@millrace/wire'
import { NODE_VERSION, type WorkerConfig } from '../config/node-config.ts'
import { RemoteWorker } from '../links/grpc/remote-worker.ts'
import { measureLink } from '../links/http/link-speed.ts'
import { linkSessions } from '../worker/link-sessions.ts'
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

/** As many sessions as the machine can take, and the link to an orchestrator elsewhere can carry. */
async function measured(config: WorkerConfig, engine: MediaEngine, shared: Shared): Promise<number> {
  const { preset, ladder = DEFAULT_LADDER, orchestrator } = config
  const { log, kv } = shared
  try {
    const byMachine = await machineCapacity({ preset, ladder }, { engine, log, kept: kv })
    const byLink = orchestrator ? await carried(orchestrator, ladder, log) : byMachine
    return Math.max(1, Math.min(byMachine, byLink))
  } catch (error) {
    await engine.close()
    throw error
  }
}

async function carried(
  orchestrator: NonNullable<WorkerConfig['orchestrator']>,
  ladder: readonly VideoProfile[],
  log: Log,
): Promise<number> {
  try {
    const speed = await measureLink(orchestrator)
    const sessions = linkSessions(speed, ladder)
    const facts = { sessions, upMbps: megabits(speed.upBps), downMbps: megabits(speed.downBps) }
    if (sessions > 0) log.info('sessions that the link to the orchestrator carries, as measured', facts)
    else log.warn('the link to the orchestrator is too slow for even one session of these renditions', facts)
    return sessions
  } catch (error) {
    // One of go-livepeer does not answer to this, and one that is not there yet cannot.
    log.info('the link to the orchestrator is not measured and sets no limit', { why: errorText(error) })
    return Number.POSITIVE_INFINITY
  }
}

const megabits = (bps: number): number => Number((bps / 1e6).toFixed(1))

const engineText = ({ info }: MediaEngine): string => `${info.name} ${info.version}`
