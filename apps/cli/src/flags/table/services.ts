import { type Flag, notYet, ROLES } from '../flag.ts'

const GATEWAY = ['gateway'] as const
const ORCHESTRATOR = ['orchestrator'] as const

/** Services around a node: figures, events, storage, admission, signing. */
export const serviceFlags = [
  {
    name: 'monitor',
    kind: 'switch',
    standard: 'false',
    help: "figures for Prometheus at /metrics of the operator's port",
    roles: ROLES,
    standing: 'served',
  },
  {
    name: 'metricsPerStream',
    kind: 'switch',
    standard: 'false',
    help: 'with -monitor: labels with stream and sender',
    roles: ROLES,
    standing: 'served',
  },
  {
    name: 'metricsClientIP',
    kind: 'switch',
    standard: 'false',
    help: 'with -monitor: a label with the address of the publisher',
    roles: ROLES,
    standing: 'served',
  },
  {
    name: 'otlpUrl',
    kind: 'text',
    standard: '',
    help: 'a collector that takes the traces of segments, OpenTelemetry over HTTP, such as http://127.0.0.1:4318',
    roles: ROLES,
    standing: 'served',
    ours: true,
  },
  notYet('metadataQueueUri', 'text', '', 'a message broker for events', GATEWAY),
  notYet('metadataAmqpExchange', 'text', 'lp_golivepeer_metadata', 'the exchange of that broker', GATEWAY),
  notYet('metadataPublishTimeout', 'duration', '1s', 'how long the broker may take', GATEWAY),
  notYet('objectStore', 'text', '', 'where segments are stored', ['gateway', 'orchestrator']),
  notYet('recordStore', 'text', '', 'where recordings are stored', GATEWAY),
  notYet('FVfailGsbucket', 'text', '', 'where segments go that failed fast verification', GATEWAY),
  notYet('FVfailGskey', 'text', '', 'the key of that place', GATEWAY),
  {
    name: 'authWebhookUrl',
    kind: 'text',
    standard: '',
    help: 'a service that is asked whether a stream may begin, under which name and with which renditions',
    roles: GATEWAY,
    standing: 'served',
  },
  notYet('remoteSigner', 'switch', 'false', 'be a signer that keeps the key of gateways', GATEWAY),
  notYet('remoteSignerUrl', 'text', '', 'the signer that keeps the key', GATEWAY),
  notYet('remoteSignerHeaders', 'text', '', 'headers for the signer', GATEWAY),
  notYet('remoteSignerWebhookUrl', 'text', '', 'a service that the signer asks before it signs', GATEWAY),
  notYet('remoteSignerWebhookHeaders', 'text', '', 'headers for that service', GATEWAY),
  notYet('remoteSignerAllowNoAuth', 'switch', 'false', 'let the signer sign for everybody who reaches it', GATEWAY),
  notYet('remoteDiscovery', 'switch', 'false', 'let signers find orchestrators', ORCHESTRATOR),
  notYet('kafkaBootstrapServers', 'text', '', 'Kafka servers for events', GATEWAY),
  notYet('kafkaUser', 'text', '', 'the user there', GATEWAY),
  notYet('kafkaPassword', 'text', '', 'the password there', GATEWAY),
  notYet('kafkaGatewayTopic', 'text', '', 'the topic of the events', GATEWAY),
] as const satisfies readonly Flag[]
