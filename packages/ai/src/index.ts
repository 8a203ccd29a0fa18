export { AiError, type AiErrorCode } from './ai-error.ts'
export { audioDuration } from './audio/audio-duration.ts'
export type { AiFile } from './files.ts'
export type { AiUnit, FileField, InputFacts, Pipeline } from './pipelines/pipeline.ts'
export { checkResponse, formFields, readRequest } from './pipelines/read-request.ts'
export { PIPELINES, pipelineOf } from './pipelines/registry.ts'
export type {
  AiJob,
  AiResult,
  LoadProgress,
  RunContext,
  Runner,
  RunnerKind,
  RunnerState,
} from './runners/runner.ts'
export { SEGMENTS_PER_CHANNEL, TrickleChannel } from './trickle/channel.ts'
export { SEQ_CURRENT, SEQ_NEXT, STATUS_NO_SEGMENT, TRICKLE_HEADER } from './trickle/headers.ts'
export { TrickleSegment } from './trickle/segment.ts'
export { TricklePublisher, type TricklePublisherOptions } from './trickle/trickle-publisher.ts'
export {
  CHANGES,
  type TrickleAction,
  TrickleRefusal,
  TrickleServer,
  type TrickleServerDeps,
  type TrickleServerOptions,
} from './trickle/trickle-server.ts'
export { type ReceivedSegment, subscribe, type TrickleSubscriberOptions } from './trickle/trickle-subscriber.ts'
