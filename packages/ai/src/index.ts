export { AiError, type AiErrorCode } from './ai-error.ts'
export { audioDuration } from './audio/audio-duration.ts'
export { type CapabilitySettings, readCapabilitySettings } from './byoc/capability-settings.ts'
export {
  JOB_HEADER,
  type JobParameters,
  type JobRequest,
  jobMessage,
  NO_TIMEOUT_TEXT,
  readJobDetails,
  readJobHeader,
  readJobParameters,
  writeJobHeader,
} from './byoc/job-request.ts'
export { decodeJobToken, encodeJobToken, type JobSender, type JobToken } from './byoc/job-token.ts'
export { ComputeError, type ComputeErrorCode } from './compute-error.ts'
export {
  ADAPTERS,
  type Adapter,
  type AiModelEntry,
  type AiModels,
  parseAiModels,
  type RunnerEntry,
  readAiModels,
} from './config/ai-models.ts'
export type { AiPrice } from './config/ai-price.ts'
export type { AiFile } from './files.ts'
export { errorBody } from './http/error-body.ts'
export { maxBodyBytes, readJob } from './http/read-job.ts'
export { dataUrl, fromDataUrl, mapUrls, placeFiles, urlsOf } from './http/result-files.ts'
export { writeJob } from './http/write-job.ts'
export { AiRunnerLive, type AiRunnerLiveOptions } from './live/ai-runner-live.ts'
export { EmbeddedLiveRunner, type EmbeddedLiveRunnerOptions } from './live/embedded-live-runner.ts'
export { factsVtt, type PictureFacts } from './live/facts-vtt.ts'
export { LIVE_CATALOG, type LiveCatalogEntry, liveCatalogEntry } from './live/live-catalog.ts'
export type { LiveCard } from './live/live-effect.ts'
export {
  type LiveChannels,
  type LiveStart,
  liveChannelsJson,
  liveStartJson,
  MAX_LIVE_REQUEST_BYTES,
  type RunnerLiveRequest,
  readLiveStart,
  readRunnerLiveRequest,
  runnerLiveRequestJson,
} from './live/live-messages-json.ts'
export { liveParamsSchema } from './live/live-params.ts'
export {
  capabilityOf,
  LIVE_CAPABILITY,
  LIVE_FIRST_SECONDS,
  LIVE_PIPELINE,
  LIVE_UNITS_PER_SECOND,
  liveUnits,
} from './live/live-pipeline.ts'
export { LivePool, type LivePoolDeps, type LivePoolEntry, type LivePoolOptions } from './live/live-pool.ts'
export type { LiveRequest, LiveRun, LiveRunner, LiveSession } from './live/live-runner.ts'
export type { LiveState } from './live/live-state.ts'
export type { LiveStatus } from './live/live-status.ts'
export { type OpenLiveRunnersOptions, openLiveRunner, openLiveRunners } from './live/open-live-runners.ts'
export { type DiscoveredApp, decodeDiscovery } from './live-runners/discovery.ts'
export {
  type DiscoveredUnit,
  discoveredUnit,
  pricePerCountedUnit,
  type RunnerGpu,
  type RunnerHeartbeat,
  type RunnerPrice,
  type RunnerSettings,
  readHeartbeat,
  readStaticRunners,
  type StaticRunner,
  unitsPerSecond,
} from './live-runners/runner-settings.ts'
export { CATALOG, type CatalogEntry, catalogEntry } from './models/catalog.ts'
export { embeddedModelFor } from './models/choose-model.ts'
export type { EmbeddedModel, ModelCard, OpenModel } from './models/embedded-model.ts'
export { modelsFolder } from './models/models-folder.ts'
export { type ImageKind, type ImageSize, imageKind, imageSize, MAX_IMAGE_PIXELS } from './pictures/image-size.ts'
export { inputFacts } from './pipelines/input-facts.ts'
export { llm } from './pipelines/llm.ts'
export {
  describePipelines,
  type OpenApiOptions,
  openApiDocument,
  type PipelineDescription,
} from './pipelines/openapi.ts'
export type { AiUnit, FileField, InputFacts, Pipeline } from './pipelines/pipeline.ts'
export { checkResponse, formFields, readRequest } from './pipelines/read-request.ts'
export { PIPELINES, pipelineOf, requirePipeline } from './pipelines/registry.ts'
export { AiRunner, type AiRunnerOptions } from './runners/ai-runner.ts'
export { type ComfyUiOptions, ComfyUiRunner } from './runners/comfyui.ts'
export { EmbeddedRunner, type EmbeddedRunnerOptions } from './runners/embedded/embedded-runner.ts'
export type { ModelDescription } from './runners/model-description.ts'
export { type OpenRunnersOptions, openRunner, openRunners } from './runners/open-runners.ts'
export { OpenAiRunner, type OpenAiRunnerOptions } from './runners/openai.ts'
export type {
  AiJob,
  AiResult,
  LoadProgress,
  RunContext,
  Runner,
  RunnerKind,
  RunnerState,
} from './runners/runner.ts'
export {
  type PoolEntry,
  RunnerPool,
  type RunnerPoolDeps,
  type RunnerPoolOptions,
} from './runners/runner-pool.ts'
export { type ServeAiRunnerDeps, type ServeAiRunnerOptions, serveAiRunner } from './runners/serve-ai-runner.ts'
export { framesOfVideo, videoOfFrames } from './runners/video-frames.ts'
export { type WhisperCppOptions, WhisperCppRunner } from './runners/whisper-cpp.ts'
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
