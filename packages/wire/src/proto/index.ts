// The protobuf descriptors and messages, for gRPC servers and clients; everything else uses the types of `@millrace/wire`.

export { notifyAiJobFromProto, notifyAiJobToProto, registerAiWorkerRequestFromProto } from '../messages/aiWorker.ts'
export { endTranscodingSessionRequestFromProto } from '../messages/endTranscodingSession.ts'
export { notifySegmentFromProto, notifySegmentToProto } from '../messages/notifySegment.ts'
export { orchestratorInfoFromProto, orchestratorInfoToProto } from '../messages/orchestratorInfo.ts'
export { orchestratorRequestFromProto, orchestratorRequestToProto } from '../messages/orchestratorRequest.ts'
export { queueTicketRequestFromProto } from '../messages/redeemer.ts'
export { registerRequestFromProto, registerRequestToProto } from '../messages/registerRequest.ts'
export {
  AIWorker,
  EndTranscodingSessionRequestSchema,
  EndTranscodingSessionResponseSchema,
  NotifyAIJobSchema,
  NotifySegmentSchema,
  Orchestrator,
  OrchestratorInfoSchema,
  OrchestratorRequestSchema,
  PaymentResultSchema,
  PaymentSchema,
  PingPongSchema,
  RegisterAIWorkerRequestSchema,
  RegisterRequestSchema,
  SegDataSchema,
  SegmentCommitmentSchema,
  TranscodeResultSchema,
  Transcoder,
} from './generated/lp_rpc_pb.ts'
export {
  MaxFloatReqSchema,
  MaxFloatUpdateSchema,
  QueueTicketResSchema,
  TicketRedeemer,
  TicketSchema,
} from './generated/redeemer_pb.ts'
