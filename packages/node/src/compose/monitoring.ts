import type { Part } from '@millrace/base'
import type { NodeId } from '@millrace/wire'
import { type MonitorConfig, NODE_VERSION, type NodeConfig } from '../config/node-config.ts'
import { tellAccount } from '../metrics/account-teller.ts'
import { LoadTeller } from '../metrics/load-teller.ts'
import { NodeMetrics, type NodeType } from '../metrics/node-metrics.ts'
import type { Shared } from './shared.ts'

/** The figures of a node for Prometheus, and those who tell what only figures are made of. */
export function composeMonitoring(monitor: MonitorConfig, shared: Shared, parts: Part[]): NodeMetrics {
  const { config, chain, hub, tell, log, operator } = shared
  if (chain) {
    const { feed, gasPrices, txSender, senders, address } = chain
    const funds = async () => {
      const { deposit, reserve } = await senders.get(address)
      return { deposit, reserve: reserve.fundsRemaining }
    }
    tellAccount(address, { feed, gasPrices, txSender, funds: config.gateway && funds, tell })
  }
  const { orchestrator } = operator
  if (orchestrator) parts.unshift(new LoadTeller({ load: () => orchestrator.load(), tell, log }))
  const metrics = new NodeMetrics(
    {
      nodeIds: ownNodeIds(config),
      nodeType: nodeTypeOf(config),
      address: chain?.address,
      version: NODE_VERSION,
      maxStreams: config.gateway ? (config.gateway.maxStreams ?? 100) : 0,
      perStream: monitor.perStream ?? false,
      clientIp: monitor.clientIp ?? false,
    },
    { hub },
  )
  parts.unshift(metrics)
  return metrics
}

/** By which names the parts of a node tell their events. */
export const ownNodeIds = ({ nodeId, worker }: NodeConfig): readonly NodeId[] =>
  worker ? [nodeId, worker.workerId] : [nodeId]

function nodeTypeOf({ orchestrator, gateway, worker, redeemer }: NodeConfig): NodeType {
  if (orchestrator) return 'orch'
  if (gateway) return 'bctr'
  if (worker) return 'trcr'
  return redeemer ? 'rdmr' : 'dflt'
}
