import type { Part } from '@millrace/base'
import { BlockWatch } from '../api/block-watch.ts'
import type {
  GatewayControl,
  LiveRunnersControl,
  OperatorContext,
  OrchestratorControl,
  SignerControl,
} from '../api/context.ts'
import { contractCheck, Health, storeCheck } from '../api/health.ts'
import { LoopWatch } from '../api/loop-watch.ts'
import { OperatorServer } from '../api/operator-server.ts'
import { NODE_VERSION } from '../config/node-config.ts'
import { TraceExporter } from '../traces/trace-exporter.ts'
import { composeMonitoring, ownNodeIds } from './monitoring.ts'
import { composeQueues } from './queues.ts'
import type { Shared } from './shared.ts'

/** The roles of a node as its operator steers them; each role puts itself in when it is composed. */
export type OperatorParts = {
  gateway?: GatewayControl
  orchestrator?: OrchestratorControl
  signer?: SignerControl
  distribution?: { summary(): unknown } | undefined
  liveRunners?: LiveRunnersControl
}

/** The operator's port. It starts before everything else and stops after it, so that it can tell how both go. */
export async function composeOperator(
  shared: Shared,
  options: Pick<OperatorContext, 'logLevel' | 'explain'>,
  parts: Part[],
): Promise<{ readonly server: OperatorServer; readonly health: Health }> {
  const { config, hub, log, chain, kv, operator } = shared
  const checks = [storeCheck((text) => kv.set('lastHealthProbe', text))]
  if (chain && config.network.kind === 'chain') {
    checks.push(new BlockWatch({ pollMs: config.network.pollMs }, { feed: chain.feed }).check)
    const { ContractWatcher } = await import('@millrace/chain')
    checks.push(contractCheck(new ContractWatcher({ client: chain.client, feed: chain.feed, log })))
  }
  const health = new Health(checks)
  // What counts and traces stands before the roles, so that it sees the last of what they do.
  if (config.traces)
    parts.unshift(
      new TraceExporter({ ...config.traces, nodeIds: ownNodeIds(config), version: NODE_VERSION }, { hub, log }),
    )
  if (config.queues) composeQueues(config.queues, shared, parts)
  const context: OperatorContext = {
    nodeId: config.nodeId,
    version: NODE_VERSION,
    hub,
    tell: shared.tell,
    log,
    chain,
    gateway: operator.gateway,
    orchestrator: operator.orchestrator,
    signer: operator.signer,
    distribution: operator.distribution,
    liveRunners: operator.liveRunners,
    redeems: config.redeemer !== undefined,
    transcodes: config.worker !== undefined && config.worker.orchestrator === undefined,
    ...options,
  }
  const metrics = config.monitor && composeMonitoring(config.monitor, shared, parts)
  const loadRoutes = async () => (await import('../api/operator-routes.ts')).operatorRoutes(context)
  const routes = metrics && { '/metrics': metrics.route }
  const server = new OperatorServer(
    { ...config.operator, version: NODE_VERSION },
    { hub, health, ...(routes && { routes }), loadRoutes, log },
  )
  parts.unshift(server, new LoopWatch({ log }))
  return { server, health }
}
