export { AiError, type AiErrorCode } from './ai-error.ts'
export type { AiFile } from './files.ts'
export { CATALOG, type CatalogEntry, catalogEntry } from './models/catalog.ts'
export { embeddedModelFor } from './models/choose-model.ts'
export type { EmbeddedModel, ModelCard, OpenModel } from './models/embedded-model.ts'
export { modelsFolder } from './models/models-folder.ts'
export { type ImageKind, type ImageSize, imageKind, imageSize, MAX_IMAGE_PIXELS } from './pictures/image-size.ts'
export type { AiUnit, FileField, InputFacts, Pipeline } from './pipelines/pipeline.ts'
export { checkResponse, formFields, readRequest } from './pipelines/read-request.ts'
export { PIPELINES, pipelineOf } from './pipelines/registry.ts'
export { EmbeddedRunner, type EmbeddedRunnerOptions } from './runners/embedded/embedded-runner.ts'
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
