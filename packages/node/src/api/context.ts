import type { Log, Rational, Wei } from '@millrace/base'
import type { ChainClient } from '@millrace/chain'
import type { Address, NodeId, TellEvent, VideoProfile } from '@millrace/wire'
import type { ChainAccess } from '../chain-access.ts'
import type { EventHub } from '../events/event-hub.ts'
import type { PresentWorker } from '../orchestrator/dispatch.ts'
import type { WorkerAccount } from '../orchestrator/worker-ledger.ts'
import { ApiError } from './route.ts'

/** A price for a pixel as its operator names it; in wei where no currency is given. */
export type NamedPrice = { readonly pricePerPixel: Rational; readonly currency?: string | undefined }

/** What an operator sees and changes of a gateway that runs. Prices in a currency need the node's price feed: `no_price_feed`, `bad_config` or `bad_price_feed` where that fails. */
export type GatewayControl = {
  /** Wei per pixel; undefined for any price. */
  readonly maxPrice: Rational | undefined
  /** Undefined for any price. */
  setMaxPrice(price: NamedPrice | undefined): Promise<void>
  /** The most for jobs that need a capability, or one of its models. */
  setMaxPriceForCapability(capability: number, modelId: string, price: NamedPrice): Promise<void>
  /** Renditions of the streams that begin from now on. */
  ladder: readonly VideoProfile[]
  /** The orchestrators it may ask. A latency of undefined was never measured. */
  orchestrators(): Promise<
    readonly { readonly serviceUri: string; readonly stakeLpt: bigint; readonly latency: number | undefined }[]
  >
}

/** What an operator sees and changes of a signer that runs: what it pays at most. */
export type SignerControl = Pick<GatewayControl, 'maxPrice' | 'setMaxPrice' | 'setMaxPriceForCapability'>

/** What an operator sees and changes of an orchestrator that runs. */
export type OrchestratorControl = {
  /** The bonded account, where the node's own key is another. */
  readonly address: Address | undefined
  /** Wei per pixel. */
  readonly basePrice: Rational
  /** Where gateways reach it, as it tells them. */
  serviceUri: string
  /** Gateways with a price of their own, by lower-case address. */
  readonly gatewayPrices: ReadonlyMap<Address, Rational>
  /** The price for a gateway, or for all that have none of their own; a currency as for `GatewayControl`. */
  setPrice(gateway: Address | 'default', price: NamedPrice): Promise<void>
  /** The largest face value it asks for; 0 for no limit. */
  maxFaceValue: Wei
  /** 'auto' takes what all workers together can take. */
  setMaxSessions(sessions: number | 'auto'): void
  load(): {
    readonly sessions: number
    readonly maxSessions: number
    readonly workers: readonly PresentWorker[]
  }
  /** What each worker has done, of those too that are not there now. */
  workerAccounts(): readonly WorkerAccount[]
}

/** The apps behind an orchestrator. */
export type LiveRunnersControl = {
  /** Adds or changes what a document of -liveRunnerConfig names; throws ComputeErrors. */
  register(document: string): Promise<unknown>
}

/** The level of a log by go-livepeer's numbers, 0 to 6. */
export type LogLevelControl = { get(): number; set(level: number): void }

/** What the operator's routes work on; a role that the node does not have is absent. */
export type OperatorContext = {
  readonly nodeId: NodeId
  readonly version: string
  readonly hub: EventHub
  readonly tell: TellEvent
  readonly log: Log
  readonly chain: ChainAccess | undefined
  readonly gateway?: GatewayControl | undefined
  readonly signer?: SignerControl | undefined
  readonly orchestrator?: OrchestratorControl | undefined
  readonly redeems: boolean
  /** A worker of the same node. */
  readonly transcodes: boolean
  readonly logLevel?: LogLevelControl | undefined
  readonly liveRunners?: LiveRunnersControl | undefined
  /** Which orchestrators serve the viewers of a gateway. */
  readonly distribution?: { summary(): unknown } | undefined
  /** Why the gateway chose as it did for a stream; undefined for a stream that it does not know. */
  readonly explain?: ((manifestId: string) => unknown) | undefined
}

/** The chain of the node; throws `missing ETH client` where it has none. */
export function needChain(context: OperatorContext): ChainAccess {
  if (!context.chain) throw new ApiError(500, 'missing ETH client')
  return context.chain
}

/** Client, sender and own address, the three that every transaction needs. */
export function account(context: OperatorContext): {
  readonly client: ChainClient
  readonly sender: ChainAccess['txSender']
  readonly self: Address
} {
  const { client, txSender, address } = needChain(context)
  return { client, sender: txSender, self: address }
}

/** The bonded account that rewards and earnings belong to; mostly the node's own. */
export const bondedAccount = (context: OperatorContext): Address =>
  context.orchestrator?.address ?? account(context).self

export function needGateway(context: OperatorContext): GatewayControl {
  if (!context.gateway) throw new ApiError(400, 'this node is not a gateway: ask the operator port of the gateway')
  return context.gateway
}

/** Who pays: a gateway, or a signer in place of gateways. */
export function needPayer(context: OperatorContext): SignerControl {
  return context.signer ?? needGateway(context)
}

export function needOrchestrator(context: OperatorContext): OrchestratorControl {
  if (!context.orchestrator)
    throw new ApiError(400, 'this node is not an orchestrator: ask the operator port of the orchestrator')
  return context.orchestrator
}
