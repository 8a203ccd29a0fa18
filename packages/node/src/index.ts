export type { NamedPrice } from './api/context.ts'
export { OperatorServer } from './api/operator-server.ts'
export { WebServer, type WebServerOptions } from './api/web-server.ts'
export { inWei } from './compose/price-feed.ts'
export { type NodeDeps, type RunningNode, startNode } from './compose.ts'
export type { LiveAiGatewayConfig } from './config/live-ai-gateway.ts'
export {
  type AcmeConfig,
  type AiModelConfig,
  type AiPriceConfig,
  type AiWorkerConfig,
  type GatewayConfig,
  type GatewayDistribution,
  type KeystoreConfig,
  type ListenAddress,
  type MonitorConfig,
  type MultistreamTarget,
  type NetworkConfig,
  NODE_VERSION,
  type NodeConfig,
  type OrchestratorConfig,
  type RedeemerConfig,
  type SignerConfig,
  type SourceConfig,
  type TesterConfig,
  type TicketLimits,
  type TransactionConfig,
  type WebService,
  type WorkerConfig,
} from './config/node-config.ts'
export { decodeNodeConfig, encodeNodeConfig } from './config/node-config-file.ts'
export { paymentParametersOf } from './config/payment-parameters.ts'
export { EventHub, type EventListener } from './events/event-hub.ts'
export { isServiceUri } from './gateway/directory.ts'
export { checkMultistream } from './gateway/multistream.ts'
export { type Candidate, DEFAULT_WEIGHTS, type SelectionOptions, selectOrchestrator } from './gateway/selection.ts'
export { UPSTREAM_SELECTION } from './gateway/selection-upstream.ts'
export { LETS_ENCRYPT, LETS_ENCRYPT_STAGING } from './links/acme/acme-client.ts'
export { CertificateKeeper, type CertificateKeeperOptions } from './links/acme/certificate-keeper.ts'
export { OrchestratorRpc } from './links/grpc/orchestrator-client.ts'
export { RemoteWorker, type RemoteWorkerOptions } from './links/grpc/remote-worker.ts'
export { SecureClient } from './links/http/secure-fetch.ts'
export type { TranscodedSegment, TranscodeJob, WorkerLink } from './links/ports.ts'
export { type Certificate, makeCertificate } from './links/tls.ts'
export { DATA_FOLDER_VERSION, DataFolder, type NodeFolder, openNodeFolder } from './store/data-folder.ts'
export { openNodeStore } from './store/node-store.ts'
export { TicketNonceTable } from './store/nonces.ts'
