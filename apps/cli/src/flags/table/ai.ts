import { type Flag, notYet } from '../flag.ts'

const SELLERS = ['orchestrator', 'worker'] as const
const GATEWAY = ['gateway'] as const
const BOTH = ['gateway', 'orchestrator'] as const

/** Jobs other than transcoding: none of them runs here so far. */
export const aiFlags = [
  notYet('aiServiceRegistry', 'switch', 'false', 'use the registry of AI services', BOTH),
  notYet('aiWorker', 'switch', 'false', 'be a worker for AI jobs', SELLERS),
  notYet('aiServerless', 'switch', 'false', 'have AI jobs done by a service elsewhere', SELLERS),
  notYet('useLiveRunners', 'switch', 'false', 'have AI jobs done by live runners', SELLERS),
  notYet('liveRunnerConfig', 'text', '', 'a file that names live runners', SELLERS),
  notYet('liveRunnerProxyUrl', 'text', '', 'the address under which live runners are reached from outside', SELLERS),
  notYet('liveRunnerAddr', 'text', '', 'the address that live runners report to', SELLERS),
  notYet('aiModels', 'text', '', 'models to load at the start', SELLERS),
  notYet('aiModelsDir', 'text', '', 'the folder of the models', SELLERS),
  notYet('aiRunnerImage', 'text', 'livepeer/ai-runner:latest', 'the container image of the runner', SELLERS),
  notYet('aiRunnerImageOverrides', 'text', '', 'container images for certain jobs', SELLERS),
  notYet('aiRunnerContainersPerGPU', 'count', '1', 'runners on each device', SELLERS),
  notYet('aiMinRunnerVersion', 'text', '[]', 'the oldest runner that is used', SELLERS),
  notYet('aiVerboseLogs', 'switch', 'false', 'log what the runners say', SELLERS),
  notYet('aiProcessingRetryTimeout', 'duration', '2s', 'how long an AI job is tried to be placed', GATEWAY),
  notYet('mediaMTXApiPassword', 'text', '', 'the password of the media server', GATEWAY),
  notYet('liveAITrickleHostForRunner', 'text', '', 'the host that runners read and write live video at', BOTH),
  notYet('liveAIAuthApiKey', 'text', '', 'the key for the service that admits live AI streams', GATEWAY),
  notYet('liveAIAuthWebhookUrl', 'text', '', 'a service that admits live AI streams', GATEWAY),
  notYet('liveAIHeartbeatURL', 'text', '', 'where a sign of life goes', GATEWAY),
  notYet('liveAIHeartbeatHeaders', 'text', '', 'headers of the sign of life', GATEWAY),
  notYet('liveAIHeartbeatInterval', 'duration', '5s', 'how often there is a sign of life', GATEWAY),
  notYet('livePaymentInterval', 'duration', '5s', 'how often live AI is paid for', BOTH),
  notYet('liveOutSegmentTimeout', 'duration', '0s', 'how long a result of live AI may take', GATEWAY),
  notYet('liveAISaveNSegments', 'count', '10', 'segments of live AI kept for a look at them', GATEWAY),
  notYet('liveAICapRefreshModels', 'text', '', 'models whose capacity is reported', GATEWAY),
  {
    name: 'liveAICapReportInterval',
    kind: 'duration',
    standard: '25m0s',
    help: 'with -remoteDiscovery: how often orchestrators are asked for their terms',
    roles: ['signer'],
    standing: 'served',
  },
] as const satisfies readonly Flag[]
