import { join } from 'node:path'
import { LIVE_CAPABILITY, LIVE_PIPELINE, pipelineOf } from '@millrace/ai'
import type { Rational } from '@millrace/base'
import { DEVNET_CHAIN_ID } from '@millrace/chain'
import type {
  AiModelConfig,
  AiPriceConfig,
  GatewayConfig,
  ListenAddress,
  NetworkConfig,
  NodeConfig,
  OrchestratorConfig,
  SourceConfig,
  TicketLimits,
} from '@millrace/node'
import { DEVNET_AI_PRICES, DEVNET_LIVE_AI_PRICE } from '@millrace/payments'
import { type Address, DEFAULT_LADDER, type NodeId, nodeId, type VideoProfile } from '@millrace/wire'
import type { DevnetAccount } from './genesis/accounts.ts'
import { devnetAddress } from './genesis/addresses.ts'

/** The ports of a network on this machine; 0 is not allowed here, because the parts must find each other. */
export type NetworkPorts = {
  readonly web: number
  readonly rtmp: number
  /** UDP. */
  readonly srt: number
  readonly gatewayHttp: number
  readonly gatewayCli: number
  readonly orchestrators: readonly [number, number]
  readonly orchestratorCli: readonly [number, number]
  readonly workerCli: readonly [number, number]
  readonly redeemers: readonly [number, number]
  readonly redeemerCli: readonly [number, number]
  /** Where the orchestrators serve viewers, when they do. */
  readonly viewers: readonly [number, number]
  readonly chain: number
}

export const DEFAULT_PORTS: NetworkPorts = {
  web: 8080,
  rtmp: 1935,
  srt: 9710,
  gatewayHttp: 9935,
  gatewayCli: 5935,
  orchestrators: [8935, 8936],
  orchestratorCli: [7935, 7936],
  workerCli: [6935, 6936],
  redeemers: [8945, 8946],
  redeemerCli: [7945, 7946],
  viewers: [8937, 8938],
  chain: 8545,
}

export type PlanOptions = {
  readonly folder: (name: string) => string
  readonly ports: NetworkPorts
  /** Undefined for a network without a chain. */
  readonly chain: { readonly ethUrl: string; readonly controller: Address } | undefined
  /** With a secret every role is a node of its own, and workers join with it; without one, workers and redeemers are part of their orchestrator's node. */
  readonly workerSecret: string | undefined
  readonly pricePerPixel: Rational
  readonly ladder?: readonly VideoProfile[]
  readonly gateway?: Partial<GatewayConfig> | undefined
  readonly orchestrators?: Partial<OrchestratorConfig> | undefined
  readonly tickets?: TicketLimits
  readonly engine?: 'auto' | 'node-av' | 'ffmpeg'
  readonly preset?: string
  readonly source?: SourceConfig | undefined
  /** Viewers are served by the orchestrators, at this price in wei per byte; by the gateway when left out. */
  readonly pricePerByte?: Rational | undefined
  /** Models that both orchestrators sell; nobody takes AI jobs without them. */
  readonly aiModels?: readonly AiModelConfig[] | undefined
  /** Ports at which gateways reach the orchestrators, where something stands between; else their own. */
  readonly reachedAt?: readonly [number, number] | undefined
  /** With these ports, of payments and of its operator, a signer has the gateway's key and finds it its orchestrators. */
  readonly signerAt?: readonly [number, number] | undefined
}

/** One node of the network with the account it uses. */
export type PlannedNode = { readonly config: NodeConfig; readonly account: DevnetAccount | undefined }

/** Keystores of the embedded network hold public test keys: the password keeps no secret. */
export const DEVNET_PASSWORD = 'millrace-devnet'

const HOST = '127.0.0.1'
const at = (port: number): ListenAddress => ({ host: HOST, port })

/** The nodes of the network: one gateway, two orchestrators, two workers, in one process or in five. */
export function planNetwork(options: PlanOptions): readonly PlannedNode[] {
  const { chain, ports, workerSecret } = options
  const signerAt = chain && options.signerAt
  const network: NetworkConfig = chain
    ? {
        kind: 'chain',
        ...chain,
        chainId: DEVNET_CHAIN_ID,
        pollMs: 250,
        payments: 'devnet',
        ...(options.tickets && { tickets: options.tickets }),
      }
    : { kind: 'offchain' }
  const password = chain ? { keystorePassword: DEVNET_PASSWORD } : {}
  const uri = (i: 0 | 1) => `https://${HOST}:${(options.reachedAt ?? ports.orchestrators)[i]}`
  const ownUri = (i: 0 | 1) => `https://${HOST}:${ports.orchestrators[i]}`
  const worker = (i: 0 | 1) => ({
    workerId: nodeId(`worker-${i + 1}`),
    capacity: 4,
    engine: options.engine ?? ('auto' as const),
    ...(options.preset === undefined ? {} : { preset: options.preset }),
  })
  const aiWorker = (i: 0 | 1, orchestrator?: { readonly uri: string; readonly secret: string }) =>
    options.aiModels && {
      aiWorker: {
        workerId: nodeId(`ai-worker-${i + 1}`),
        models: options.aiModels,
        ...(orchestrator && { orchestrator }),
      },
    }
  const gateway: GatewayConfig = {
    rtmp: at(ports.rtmp),
    srt: at(ports.srt),
    http: at(ports.gatewayHttp),
    ladder: options.ladder ?? DEFAULT_LADDER,
    ...(chain ? {} : { orchestrators: [uri(0), uri(1)] }),
    ...(signerAt && { remoteSigner: { url: `http://${HOST}:${signerAt[0]}` } }),
    ...(options.source && { source: options.source }),
    ...(options.pricePerByte && { distribution: {} }),
    ...(options.aiModels && { ai: {} }),
    ...options.gateway,
  }
  const orchestrators = ([0, 1] as const).map((i): PlannedNode => {
    const id = nodeId(`orchestrator-${i + 1}`)
    return {
      account: i === 0 ? 'orchestrator1' : 'orchestrator2',
      config: {
        nodeId: id,
        folder: options.folder(id),
        network,
        ...password,
        operator: at(ports.orchestratorCli[i]),
        orchestrator: {
          serviceUri: uri(i),
          listen: at(ports.orchestrators[i]),
          pricePerPixel: chain ? options.pricePerPixel : { num: 0n, den: 1n },
          maxSessions: 10,
          callReward: true,
          initializeRounds: true,
          ...(workerSecret === undefined ? {} : { workerSecret }),
          ...(options.pricePerByte && {
            distribution: { listen: at(ports.viewers[i]), pricePerByte: options.pricePerByte },
          }),
          ...(chain && options.aiModels && { aiPrices: aiPrices(options.aiModels) }),
          ...options.orchestrators,
          ...(workerSecret !== undefined && chain ? { redeemerUri: `https://${HOST}:${ports.redeemers[i]}` } : {}),
        },
        ...(workerSecret === undefined ? { worker: worker(i), ...aiWorker(i) } : {}),
      },
    }
  })
  const workers = workerSecret === undefined ? [] : ([0, 1] as const).map((i) => remoteWorker(i, workerSecret))
  function remoteWorker(i: 0 | 1, secret: string): PlannedNode {
    const { workerId, ...rest } = worker(i)
    return {
      account: undefined,
      config: {
        nodeId: workerId,
        folder: options.folder(workerId),
        network: { kind: 'offchain' },
        operator: at(ports.workerCli[i]),
        worker: { workerId, ...rest, orchestrator: { uri: ownUri(i), secret, nodeId: orchestratorId(i) } },
        ...aiWorker(i, { uri: ownUri(i), secret }),
      },
    }
  }
  const redeemers =
    workerSecret === undefined || !chain
      ? []
      : ([0, 1] as const).map((i): PlannedNode => {
          const redeemerId = nodeId(`redeemer-${i + 1}`)
          return {
            account: i === 0 ? 'redeemer1' : 'redeemer2',
            config: {
              nodeId: redeemerId,
              folder: options.folder(redeemerId),
              network,
              ...password,
              operator: at(ports.redeemerCli[i]),
              redeemer: {
                listen: at(ports.redeemers[i]),
                recipient: devnetAddress(i === 0 ? 'orchestrator1' : 'orchestrator2'),
                serves: orchestratorId(i),
              },
            },
          }
        })
  const id = nodeId('gateway')
  const common = { nodeId: id, folder: options.folder(id), operator: at(ports.gatewayCli), gateway }
  if (!signerAt)
    return [
      ...redeemers,
      ...orchestrators,
      ...workers,
      { account: 'gateway', config: { ...common, network, ...password } },
    ]
  const signer: PlannedNode = {
    account: 'gateway',
    config: {
      nodeId: nodeId('signer'),
      folder: options.folder('signer'),
      network,
      ...password,
      operator: at(signerAt[1]),
      signer: { listen: at(signerAt[0]), discovery: { refreshMs: 5_000 } },
    },
  }
  const keyless: PlannedNode = { account: undefined, config: { ...common, network: { kind: 'offchain' } } }
  return [...redeemers, ...orchestrators, ...workers, signer, keyless]
}

const aiPrices = (models: readonly AiModelConfig[]): AiPriceConfig[] =>
  models.flatMap((model) => {
    if (model.pipeline === LIVE_PIPELINE)
      return [{ capability: LIVE_CAPABILITY, modelId: model.modelId, pricePerUnit: DEVNET_LIVE_AI_PRICE }]
    const pipeline = pipelineOf(model.pipeline)
    if (!pipeline) return []
    const { capability, unit } = pipeline
    return [{ capability, modelId: model.modelId, pricePerUnit: DEVNET_AI_PRICES[unit] }]
  })

const orchestratorId = (i: 0 | 1): NodeId => nodeId(`orchestrator-${i + 1}`)

/** Where a node's configuration is written for its own process. */
export const configPath = (config: NodeConfig): string => join(config.folder, 'node.json')
