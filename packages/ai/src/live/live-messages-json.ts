import { z } from 'zod'
import { AiError } from '../ai-error.ts'
import type { LiveRequest } from './live-runner.ts'

/** The most bytes of a request that starts a live stream, parameters and all. */
export const MAX_LIVE_REQUEST_BYTES = 1_000_000

const id = z.string().max(500).nullish()
const params = z.record(z.string(), z.unknown()).nullish()
const address = z.url({ protocol: /^https?$/ }).max(2_000)

const startSchema = z.object({
  model_id: z.string().min(1).max(500),
  params,
  gateway_request_id: id,
  stream_id: id,
})

/** What a gateway asks of an orchestrator when it starts a stream. */
export type LiveStart = {
  readonly modelId: string
  readonly params: Readonly<Record<string, unknown>>
  readonly gatewayRequestId?: string
  readonly streamId?: string
}

/** Reads the body of a gateway's `POST /live-video-to-video`; throws `ai_bad_request`. */
export function readLiveStart(value: unknown): LiveStart {
  const { model_id: modelId, params: given, ...ids } = parsed(startSchema, value)
  return {
    ...{ modelId, params: given ?? {} },
    ...(ids.gateway_request_id && { gatewayRequestId: ids.gateway_request_id }),
    ...(ids.stream_id && { streamId: ids.stream_id }),
  }
}

/** The body of a gateway's `POST /live-video-to-video`. */
export const liveStartJson = ({ modelId, params, gatewayRequestId, streamId }: LiveStart) => ({
  ...{ model_id: modelId, params },
  ...(gatewayRequestId !== undefined && { gateway_request_id: gatewayRequestId }),
  ...(streamId !== undefined && { stream_id: streamId }),
})

/** What an orchestrator answers a gateway: the channels from the gateway's view. */
export type LiveChannels = {
  /** Where the gateway writes the pictures. */
  readonly publishUrl: string
  /** Where it reads what became of them. */
  readonly subscribeUrl: string
  readonly controlUrl: string
  readonly eventsUrl: string
  readonly manifestId: string
}

export const liveChannelsJson = (channels: LiveChannels) => ({
  publish_url: channels.publishUrl,
  subscribe_url: channels.subscribeUrl,
  control_url: channels.controlUrl,
  events_url: channels.eventsUrl,
  manifest_id: channels.manifestId,
})

const runnerSchema = z.object({
  subscribe_url: address,
  publish_url: address,
  control_url: z.union([address, z.literal('')]).nullish(),
  events_url: z.union([address, z.literal('')]).nullish(),
  model_id: z.string().max(500).nullish(),
  params,
  gateway_request_id: id,
  manifest_id: id,
  stream_id: id,
})

/** A request as runners get it (ai spec, section 4), with the model that it names. */
export type RunnerLiveRequest = { readonly modelId: string; readonly request: LiveRequest }

/** Reads a runner's `POST /live-video-to-video`; throws `ai_bad_request`. */
export function readRunnerLiveRequest(value: unknown): RunnerLiveRequest {
  const { model_id: modelId, ...read } = parsed(runnerSchema, value)
  return {
    modelId: modelId ?? '',
    request: {
      ...{ subscribeUrl: read.subscribe_url, publishUrl: read.publish_url },
      ...(read.control_url && { controlUrl: read.control_url }),
      ...(read.events_url && { eventsUrl: read.events_url }),
      params: read.params ?? {},
      requestId: read.gateway_request_id || read.manifest_id || '',
      ...(read.manifest_id && { manifestId: read.manifest_id }),
      ...(read.stream_id && { streamId: read.stream_id }),
    },
  }
}

/** The body of a runner's `POST /live-video-to-video`. */
export const runnerLiveRequestJson = ({ modelId, request }: RunnerLiveRequest) => ({
  ...{ subscribe_url: request.subscribeUrl, publish_url: request.publishUrl },
  ...(request.controlUrl !== undefined && { control_url: request.controlUrl }),
  ...(request.eventsUrl !== undefined && { events_url: request.eventsUrl }),
  ...{ model_id: modelId, params: request.params, gateway_request_id: request.requestId },
  ...(request.manifestId !== undefined && { manifest_id: request.manifestId }),
  ...(request.streamId !== undefined && { stream_id: request.streamId }),
})

function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const read = schema.safeParse(value)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new AiError('ai_bad_request', `${issue?.path.join('.') || 'the body'}: ${issue?.message ?? 'it does not fit'}`)
}
