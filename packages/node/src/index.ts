export { OperatorServer } from './api/operator-server.ts'
export { WebServer, type WebServerOptions } from './api/web-server.ts'
export { type NodeDeps, type RunningNode, startNode } from './compose.ts'
export {
  type GatewayConfig,
  type KeystoreConfig,
  type ListenAddress,
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
export { EventHub, type EventListener } from './events/event-hub.ts'
export { type BodyPart, parseMultipart } from './links/http/multipart.ts'
export { SecureClient } from './links/http/secure-fetch.ts'
export { type Certificate, makeCertificate } from './links/tls.ts'
export { DATA_FOLDER_VERSION, DataFolder, type NodeFolder, openNodeFolder } from './store/data-folder.ts'
