import {
  checkCount,
  checkText,
  decodeMessage,
  encodeMessage,
  int64ToNumber,
  numberToInt64,
  required,
} from '../codec.ts'
import {
  type NotifyAIJob as NotifyAIJobProto,
  NotifyAIJobSchema,
  type RegisterAIWorkerRequest as RegisterAIWorkerRequestProto,
  RegisterAIWorkerRequestSchema,
} from '../proto/generated/lp_rpc_pb.ts'
import { type Capabilities, capabilitiesFromProto, capabilitiesToProto } from './capabilities.ts'
import { type HardwareInformation, hardwareFromProto, hardwareToProto } from './hardware.ts'

/** An AI worker offers itself to an orchestrator. */
export type RegisterAiWorkerRequest = {
  readonly secret: string
  readonly capabilities?: Capabilities
  readonly hardware: readonly HardwareInformation[]
  /** Its models of live video, which upstream's orchestrators cannot have done elsewhere, and so must not count (field 1000, ours). */
  readonly liveCapabilities?: Capabilities
}

/** An orchestrator hands a worker an AI job; `requestData` is the pipeline's JSON. */
export type NotifyAiJob = { readonly taskId: number; readonly pipeline: string; readonly requestData: Uint8Array }

export const encodeRegisterAiWorkerRequest = (request: RegisterAiWorkerRequest): Uint8Array =>
  encodeMessage(RegisterAIWorkerRequestSchema, {
    secret: checkText(request.secret, 'secret', 4096),
    ...(request.capabilities && { capabilities: capabilitiesToProto(request.capabilities) }),
    hardware: checkCount(request.hardware, 'hardware').map(hardwareToProto),
    ...(request.liveCapabilities && { liveCapabilities: capabilitiesToProto(request.liveCapabilities) }),
  })

export const decodeRegisterAiWorkerRequest = (bytes: Uint8Array): RegisterAiWorkerRequest =>
  registerAiWorkerRequestFromProto(decodeMessage(RegisterAIWorkerRequestSchema, bytes))

export const registerAiWorkerRequestFromProto = (message: RegisterAIWorkerRequestProto): RegisterAiWorkerRequest => ({
  secret: checkText(message.secret, 'secret', 4096),
  ...(message.capabilities && { capabilities: capabilitiesFromProto(message.capabilities) }),
  hardware: checkCount(message.hardware, 'hardware').map(hardwareFromProto),
  ...(message.liveCapabilities && { liveCapabilities: capabilitiesFromProto(message.liveCapabilities) }),
})

export const notifyAiJobToProto = (notify: NotifyAiJob) => ({
  AIJobData: { pipeline: notify.pipeline, requestData: notify.requestData },
  taskId: numberToInt64(notify.taskId, 'taskId'),
})

export const encodeNotifyAiJob = (notify: NotifyAiJob): Uint8Array =>
  encodeMessage(NotifyAIJobSchema, notifyAiJobToProto(notify))

export const decodeNotifyAiJob = (bytes: Uint8Array): NotifyAiJob =>
  notifyAiJobFromProto(decodeMessage(NotifyAIJobSchema, bytes))

export function notifyAiJobFromProto(message: NotifyAIJobProto): NotifyAiJob {
  const job = required(message.AIJobData, 'AIJobData')
  return {
    taskId: int64ToNumber(message.taskId, 'taskId'),
    pipeline: checkText(job.pipeline, 'pipeline', 256),
    requestData: job.requestData,
  }
}
