import type { AiModelEntry } from '@millrace/ai'
import type { Lpt, Rational, Wei } from '@millrace/base'
import type { PaymentParameters } from '@millrace/payments'
import type { Address, NodeId, VideoProfile } from '@millrace/wire'
import type { SelectionWeights } from '../gateway/selection.ts'
import type { LiveAiSellingConfig } from './live-ai.ts'
import type { LiveAiGatewayConfig } from './live-ai-gateway.ts'
import type { LiveRunnersConfig } from './live-runners.ts'

/** The version that peers are told; gateways may demand a minimum of go-livepeer's line. */
export const NODE_VERSION = '0.9.1-millrace.1'

export type ListenAddress = { readonly host: string; readonly port: number }

/** The chain a node works on, or none. */
export type NetworkConfig =
  | { readonly kind: 'offchain' }
  | {
      readonly kind: 'chain'
      /** One Ethereum RPC, or several of the same chain in the order of preference, joined by commas. */
      readonly ethUrl: string
      readonly controller: Address
      /** When given, an RPC of another chain is refused. */
      readonly chainId?: number
      readonly pollMs: number
      /** Which ticket parameters hold: those of the live network, or of the embedded one. */
      readonly payments: 'livepeer' | 'devnet'
      /** The Chainlink contract that prices in other currencies than wei are converted by. */
      readonly priceFeed?: Address
      /** Ticket parameters that the operator chose otherwise. */
      readonly tickets?: TicketLimits
      readonly transactions?: TransactionConfig
    }

export type TicketLimits = Partial<
  Pick<PaymentParameters, 'ticketEvWei' | 'maxTicketEvWei' | 'maxTotalEvWei' | 'depositMultiplier' | 'maxFaceValueWei'>
>

/** How transactions are paid for and waited for; what is left out is up to the sender of transactions. */
export type TransactionConfig = {
  readonly minGasPriceWei?: Wei
  readonly maxGasPriceWei?: Wei
  readonly timeoutMs?: number
  readonly maxReplacements?: number
  /** The gas that every transaction may use; estimated for each when left out. */
  readonly gasLimit?: bigint
}

/** Where the key of a node is. */
export type KeystoreConfig = {
  /** A key file, or a folder of key files. */
  readonly path: string
  /** Which key of a folder; the first by name when left out. */
  readonly account?: Address
  /** True to make a key in a folder that has none. */
  readonly create?: boolean
}

/** A stream that a gateway shows by itself. */
export type SourceConfig =
  | {
      readonly kind: 'generated'
      readonly name: string
      /** Size of the picture; 1280x720 when left out. */
      readonly width?: number
      readonly height?: number
      readonly bitrateBps?: number
    }
  | { readonly kind: 'file'; readonly name: string; readonly path: string; readonly loop: boolean }

/** A file by path, or an http, https, srt, rtsp or rtsps address; it may be one of a private network, as the operator wrote it. */
export type PulledSourceConfig = { readonly name: string; readonly address: string }

export type GatewayConfig = {
  readonly rtmp: ListenAddress | undefined
  readonly http: ListenAddress
  readonly ladder: readonly VideoProfile[]
  /** Orchestrators to use instead of the chain's. */
  readonly orchestrators?: readonly string[]
  /** -orchWebhookUrl: where the list of orchestrators is read; goes before `orchestrators`. */
  readonly orchWebhookUrl?: string
  /** -orchBlocklist: addresses that are never used. */
  readonly orchBlocklist?: readonly string[]
  /** -orchMinLivepeerVersion */
  readonly orchMinLivepeerVersion?: string
  /** -extraNodes: how many further nodes of each orchestrator are used. */
  readonly extraNodes?: number
  /** -discoveryTimeout in milliseconds; 500 when unset. */
  readonly discoveryTimeoutMs?: number
  readonly weights?: SelectionWeights
  /** -selectStakeWeight, -selectRandFreq, -selectPriceWeight, -selectPriceExpFactor: any of them makes the gateway choose as go-livepeer does. */
  readonly selectStakeWeight?: number
  readonly selectRandFreq?: number
  readonly selectPriceWeight?: number
  readonly selectPriceExpFactor?: number
  /** -orchPerfStatsUrl: where the scores of a performance tester are read. */
  readonly orchPerfStatsUrl?: string
  /** -region: the region whose scores count. */
  readonly region?: string
  /** -minPerfScore */
  readonly minPerfScore?: number
  readonly maxPricePerPixel?: Rational
  /** The currency of the maximum price; wei when left out. */
  readonly maxPriceCurrency?: string
  /** -ignoreMaxPriceIfNeeded */
  readonly ignoreMaxPriceIfNeeded?: boolean
  /** One result in so many has its pictures compared with the source; 10 when unset, 0 for none. */
  readonly compareOneIn?: number
  /** -challenge: challenges orchestrators that signed for other pictures, where the network has a Verifier. UNAUDITED. */
  readonly challenge?: boolean
  /** -verifyPreset: compared results must not be worse than what this x264 preset makes of the source here. */
  readonly verifyPreset?: string
  /** Leaves out renditions that are larger than the source; not of pushed segments, nor where a webhook names them. False when unset. */
  readonly fitLadder?: boolean
  /** Sets the ladder's rates to how hard each source is to encode: never above its own, or up to twice that. Not where a webhook names renditions. */
  readonly perTitle?: 'lower' | 'both'
  /** Offers the sound of live streams as Opus too, where players get CMAF. False when unset. */
  readonly opus?: boolean
  /** Sends segments to orchestrators while they arrive, where those take such ones; true when unset. */
  readonly lowLatency?: boolean
  /** -objectStore: where segments are put, and players and orchestrators find them; the URL holds keys. */
  readonly objectStore?: string
  /** -recordStore: where streams are recorded. */
  readonly recordStore?: string
  /** -multistream: other servers that streams are pushed to. */
  readonly multistream?: readonly MultistreamTarget[]
  /** -distributeBy: orchestrators serve the viewers. */
  readonly distribution?: GatewayDistribution
  /** -authWebhookUrl: is asked whether a stream may begin, under what name and with what profiles. */
  readonly authWebhookUrl?: string
  readonly maxAttempts?: number
  readonly maxStreams?: number
  /** -currentManifest: the stream that began last is also shown as /stream/current.m3u8. */
  readonly currentManifest?: boolean
  readonly source?: SourceConfig
  /** -sources: files and addresses that are shown as streams of these names; live ones are opened again when they end. */
  readonly sources?: readonly PulledSourceConfig[]
  /** -rtmpsAddr: where publishers reach this gateway by RTMPS, with the certificate of `tls`. */
  readonly rtmps?: ListenAddress
  /** -srtAddr and others: the UDP port where publishers reach this gateway by SRT. */
  readonly srt?: ListenAddress & { readonly latencyMs?: number; readonly passphrase?: string }
  /** -publisherTakeover: a second publisher of a name replaces the first; refused when unset. */
  readonly takeover?: boolean
  /** -reconnectWindow in milliseconds: how long a stream waits for a publisher that broke off; 0 when unset. */
  readonly reconnectMs?: number
  /** -dvrWindow in milliseconds: how far back viewers may go; 0 when unset. */
  readonly dvrMs?: number
  /** -httpCert, -httpKey: PEM files with which the HTTP port speaks TLS; read again when they change. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string }
  /** -acmeDomain and others: the certificate of the HTTP port is got from an authority and renewed; it takes the place of `tls`. */
  readonly acme?: AcmeConfig
  /** -trustedProxies: addresses and networks whose X-Forwarded headers are believed. */
  readonly trustedProxies?: readonly string[]
  /** -gatewayHost: the host name that services outside are told. */
  readonly publicHost?: string
  /** False to refuse segments by HTTP; playlists are still served. */
  readonly httpIngest?: boolean
  /** AI jobs are taken at the HTTP port, where this stands. */
  readonly ai?: {
    /** -aiProcessingRetryTimeout: after so long nobody else is tried. Default 2 s. */
    readonly retryTimeoutMs?: number
    /** The longest that one orchestrator may take. Default 10 minutes. */
    readonly jobTimeoutMs?: number
    /** -aiKeys: a file of keys without which no job is taken. */
    readonly keysFile?: string
    readonly live?: LiveAiGatewayConfig
  }
  /** How publishers and viewers by WebRTC reach this gateway; on the addresses of `http` when left out. */
  readonly webrtc?: WebRtcConfig
  /** -maxPricePerCapability: the most for jobs that need a capability, where it is not the most for all. */
  readonly maxPricesPerCapability?: readonly CapabilityPrice[]
  /** -remoteSignerUrl: who signs and pays; a gateway with one has no key, and no chain. */
  readonly remoteSigner?: WebService
}

/** How a gateway has its viewers served by orchestrators. */
export type GatewayDistribution = {
  /** -distributeEdges: orchestrators that serve one stream at once; 2 when unset. */
  readonly edges?: number
  /** -maxPricePerGigabyte, for a byte; any price when unset. */
  readonly maxPricePerByte?: Rational
  /** The currency of the price; wei when left out. */
  readonly maxPriceCurrency?: string
  /** -maxDistributePerMinute: bytes of one stream that are promised to viewers in a minute; 10 GB when unset. */
  readonly maxBytesPerMinute?: number
  /** -maxDistributePerStream: bytes of one stream in all; 10 TB when unset. */
  readonly maxBytesPerStream?: number
  /** -distributeFrom: this gateway as orchestrators reach it; the address of its HTTP port with -gatewayHost when unset. */
  readonly origin?: string
}

export type MultistreamTarget = {
  /** The stream's name; `*` for all, whose names then stand in the address as `{stream}`. */
  readonly stream: string
  /** `source`, or the name of a rendition. */
  readonly rendition: string
  /** rtmp, rtmps or srt; it holds a stream key. */
  readonly url: string
}

export type AcmeConfig = {
  /** -acmeDomain: the names that the certificate is for. */
  readonly domains: readonly string[]
  /** -acmeDirectory: the authority's address. */
  readonly directory: string
  /** -acmeEmail: where the authority writes to. */
  readonly email?: string
  /** -acmeEab: the account elsewhere that the authority wants to know; its key is a secret. */
  readonly externalAccount?: { readonly keyId: string; readonly key: string }
  /** -acmeHttpAddr: where challenges are answered; the world must reach it as port 80. */
  readonly http: ListenAddress
}

export type WebRtcConfig = {
  /** -webrtcAddr: addresses of this machine that are offered. */
  readonly addresses?: readonly string[]
  /** -webrtcPorts: UDP ports, first and last. */
  readonly ports?: readonly [number, number]
  /** -webrtcPublicAddr: the address of a router that forwards these ports. */
  readonly publicAddress?: string
  /** -webrtcIceServers: STUN and TURN servers for clients and for this gateway. */
  readonly iceServers?: readonly { readonly urls: string; readonly username?: string; readonly credential?: string }[]
  /** -turnAddr, -turnsAddr: a TURN server for clients whose network lets nothing else through. */
  readonly turn?: {
    /** UDP and TCP. */
    readonly listen: ListenAddress
    /** TLS, with the certificate of the HTTP port. */
    readonly secure?: ListenAddress
    /** The port of HTTPS at which clients reach TURN over TLS, too; who serves it hands them on to `listen`. */
    readonly besideHttps?: number
    /** Another certificate than that of the HTTP port. */
    readonly certificate?: { readonly certFile: string; readonly keyFile: string }
    /** What clients are told; -gatewayHost or an address of this machine when left out. */
    readonly name?: string
  }
  /** -webrtcSessions: publishers and viewers at once. */
  readonly maxSessions?: number
}

/** The most to pay for a capability, or for one of its models. */
export type CapabilityPrice = {
  /** Its number (wire spec 2.3). */
  readonly capability: number
  /** `default` for all models, and for what has none. */
  readonly modelId: string
  readonly pricePerPixel: Rational
  /** wei when left out. */
  readonly currency?: string
}

/** An address that is asked, with headers that may be secret. */
export type WebService = { readonly url: string; readonly headers?: Readonly<Record<string, string>> }

/** How an orchestrator serves viewers. */
export type OrchestratorDistribution = {
  /** -distributeAddr */
  readonly listen: ListenAddress
  /** -distributeUrl: the beginning of the addresses that viewers get; that of `listen` when unset. */
  readonly viewerUrl?: string
  /** -distributeCert, -distributeKey: PEM files of a certificate that browsers accept; plain HTTP when unset. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string }
  /** -pricePerGigabyte, for a byte. */
  readonly pricePerByte: Rational
  /** The currency of the price; wei when left out. */
  readonly currency?: string
  /** -distributeCache: bytes that are kept in memory; 512 MB when unset. */
  readonly cacheBytes?: number
}

export type OrchestratorConfig = {
  /** The address gateways use, https://host:port. */
  readonly serviceUri: string
  readonly listen: ListenAddress
  readonly pricePerPixel: Rational
  /** The currency of the price, for example USD; wei when left out. */
  readonly currency?: string
  /** `auto`: as many as its workers can take together. */
  readonly maxSessions: number | 'auto'
  /** Active stake that each session needs, in 1e-18 LPT: never more sessions than it pays for. */
  readonly lptPerSession?: Lpt
  /** When set, remote workers may join with it. */
  readonly workerSecret?: string
  /**
   * The bonded account, where the node's own key is another (`-ethOrchAddr`): tickets are for it, and reward is called for it.
   * The node's key then pays for gas only and must be its reward caller (LIP-118).
   */
  readonly address?: Address
  readonly callReward: boolean
  readonly initializeRounds: boolean
  /** -juror: judges disputes, and answers when it is accused, where the network has a Verifier. UNAUDITED. */
  readonly juror?: boolean
  /** -initializeRoundMaxDelay: nodes wait a random part of it before they begin a round, so that one pays for it. */
  readonly initializeRoundMaxDelayMs?: number
  /** -nodes: further instances of this orchestrator, told to gateways as https://host:port. */
  readonly nodes?: readonly string[]
  /** -distribute: serves viewers for gateways. */
  readonly distribution?: OrchestratorDistribution
  /** Where another process redeems the winning tickets; without one this node does. */
  readonly redeemerUri?: string
  /** True to raise the price by what redeeming a gateway's tickets costs. */
  readonly autoAdjustPrice?: boolean
  /** Prices for certain gateways, which beat the price for all. */
  readonly gatewayPrices?: readonly {
    readonly gateway: Address
    readonly pricePerPixel: Rational
    readonly currency?: string
  }[]
  /** What AI models cost; one without a price is free. */
  readonly aiPrices?: readonly AiPriceConfig[]
  readonly liveAi?: LiveAiSellingConfig
  /** -useLiveRunners, -liveRunnerConfig: apps whose sessions it sells. */
  readonly liveRunners?: LiveRunnersConfig
}

export type WorkerConfig = {
  readonly workerId: NodeId
  /** Sessions at once; `auto`: as many as this machine is measured to take at the start. */
  readonly capacity: number | 'auto'
  /** What `auto` measures with; the default ladder when left out. */
  readonly ladder?: readonly VideoProfile[]
  readonly engine: 'auto' | 'node-av' | 'ffmpeg'
  readonly preset?: string
  /** The orchestrator of another process; without one the worker serves the orchestrator of this node. */
  readonly orchestrator?: { readonly uri: string; readonly secret: string; readonly nodeId?: NodeId }
}

/** A model that an AI worker runs; what it costs is the orchestrator's. */
export type AiModelConfig = Omit<AiModelEntry, 'price' | 'gateway'>

export type AiWorkerConfig = {
  readonly workerId: NodeId
  readonly models: readonly AiModelConfig[]
  /** -aiModelsDir: where embedded models are kept; one folder of the user when left out. */
  readonly folder?: string
  /** The orchestrator of another process; without one the worker serves the orchestrator of this node. */
  readonly orchestrator?: { readonly uri: string; readonly secret: string }
  /** Serves ai-runner's API here, so that a node of go-livepeer can use this worker as a container. */
  readonly runnerApi?: { readonly listen: ListenAddress; readonly token?: string }
}

/** What a unit of a model's work costs; `default` stands for every model of the capability. */
export type AiPriceConfig = {
  readonly capability: number
  readonly modelId: string
  readonly pricePerUnit: Rational
  readonly currency?: string
  /** The gateway that this price is for; all others when left out. */
  readonly gateway?: Address
}

export type RedeemerConfig = {
  readonly listen: ListenAddress
  /** Whose winning tickets it takes; those of its own account when left out. */
  readonly recipient?: Address
  /** The orchestrator's node, for the picture. */
  readonly serves?: NodeId
}

/** A signer that keeps the key of gateways elsewhere. */
export type SignerConfig = Pick<
  GatewayConfig,
  | 'orchestrators'
  | 'orchWebhookUrl'
  | 'orchBlocklist'
  | 'maxPricePerPixel'
  | 'maxPriceCurrency'
  | 'maxPricesPerCapability'
> & {
  readonly listen: ListenAddress
  /** -remoteSignerWebhookUrl: is asked whether a payment may be made. */
  readonly webhook?: WebService
  /** -remoteSignerAllowNoAuth: sign for everybody who reaches it, on an address that others reach. */
  readonly allowNoAuth?: boolean
  /** -remoteDiscovery: finds orchestrators for gateways, and asks them so often for their terms. */
  readonly discovery?: { readonly refreshMs: number }
  /** The most expected value that is signed in an hour, in wei; no limit when left out. */
  readonly maxHourlyValueWei?: Wei
}

/** A tester of orchestrators: it buys a short clip from each on schedule and serves what came of it. */
export type TesterConfig = Pick<
  GatewayConfig,
  'ladder' | 'orchestrators' | 'orchWebhookUrl' | 'orchBlocklist' | 'orchMinLivepeerVersion' | 'maxPricePerPixel'
> & {
  /** Where the leaderboard is served. */
  readonly listen: ListenAddress
  readonly region: string
  /** From the beginning of one round of tests to the next. */
  readonly intervalMs: number
  /** A video file; without one a moving test picture of eight seconds. */
  readonly clip?: string
}

/** Which labels metrics get beside those that cost nothing: each value of a label is a series more. */
export type MonitorConfig = {
  /** Labels with stream and sender (`-metricsPerStream`). */
  readonly perStream?: boolean
  /** A label with the address of the publisher (`-metricsClientIP`). */
  readonly clientIp?: boolean
}

/** Message brokers, with the names that go-livepeer's consumers expect. The addresses may hold passwords. */
export type QueuesConfig = {
  /** `-metadataQueueUri`, `-metadataAmqpExchange`, `-metadataPublishTimeout` */
  readonly amqp?: { readonly uri: string; readonly exchange: string; readonly publishTimeoutMs: number }
  /** `-kafkaBootstrapServers`, `-kafkaGatewayTopic`, `-kafkaUser`, `-kafkaPassword` */
  readonly kafka?: {
    readonly bootstrapServers: string
    readonly topic: string
    readonly user?: string
    readonly password?: string
  }
}

/** Everything one node needs to start. Amounts are exact; nothing here is read from the environment later. */
export type NodeConfig = {
  readonly nodeId: NodeId
  /** The node's own folder: keystore, store.sqlite, cert.pem. */
  readonly folder: string
  readonly network: NetworkConfig
  /** The data folder of a go-livepeer node, whose unredeemed tickets this one takes over. */
  readonly goLivepeerFolder?: string
  /** Opens the keystore; a node without a chain, or a worker, has none. */
  readonly keystorePassword?: string
  /** Where its key is; the folder keystore in the node's own when left out. */
  readonly keystore?: KeystoreConfig
  readonly operator: ListenAddress
  /** Figures for Prometheus at /metrics of the operator's port (`-monitor`). */
  readonly monitor?: MonitorConfig
  /** Where a collector takes the traces of segments, OpenTelemetry over HTTP, for example http://127.0.0.1:4318. */
  readonly traces?: { readonly otlpUrl: string }
  /** Message brokers that are told what becomes of segments. */
  readonly queues?: QueuesConfig
  readonly gateway?: GatewayConfig
  readonly orchestrator?: OrchestratorConfig
  readonly worker?: WorkerConfig
  readonly aiWorker?: AiWorkerConfig
  /** A redeemer in a process of its own; an orchestrator without one redeems for itself. */
  readonly redeemer?: RedeemerConfig
  readonly tester?: TesterConfig
  readonly signer?: SignerConfig
}
