export {
  addressFromBytes,
  addressToBytes,
  checksumAddress,
  parseAddress,
  ZERO_ADDRESS,
} from './address.ts'
export { formatLpt, formatPerc6, formatPerc9, formatWei } from './amounts.ts'
export {
  decodeBase64,
  encodeBase64,
} from './base64.ts'
export {
  type FallbackReason,
  NODE_EVENT_VERSION,
  type NodeEvent,
  type NodeEventBody,
  type NodeEventOf,
  type NodeEventType,
  type NodeRole,
  type TellEvent,
} from './events.ts'
export { decodeGoJson, encodeGoJson, goRational } from './go-json.ts'
export {
  AI_WORKER_AUTHORIZATION,
  CONTENT_TYPE,
  decodePaymentHeader,
  decodeSegmentHeader,
  encodePaymentHeader,
  encodeSegmentHeader,
  HEADER,
  TRANSCODER_AUTHORIZATION,
} from './headers.ts'
export {
  type Address,
  isManifestId,
  type ManifestId,
  manifestId,
  type NodeId,
  nodeId,
  type PlaybackId,
  playbackId,
  type SessionId,
  type StreamKey,
  sessionId,
  splitStreamId,
  streamKey,
} from './identifiers.ts'
export {
  MAX_CAPABILITY_WORDS,
  MAX_HEADER_LENGTH,
  MAX_ID_BYTES,
  MAX_LIST_ITEMS,
  MAX_MESSAGE_BYTES,
  MAX_PROFILES,
  MAX_TICKETS_PER_PAYMENT,
} from './limits.ts'
export {
  decodeNotifyAiJob,
  decodeRegisterAiWorkerRequest,
  encodeNotifyAiJob,
  encodeRegisterAiWorkerRequest,
  type NotifyAiJob,
  type RegisterAiWorkerRequest,
} from './messages/aiWorker.ts'
export {
  AUTH_TOKEN_VALIDITY_S,
  type AuthToken,
  authTokenNeedsRefresh,
  freshAuthTokenValidS,
} from './messages/authToken.ts'
export {
  addCapabilities,
  bitstringBits,
  bitstringWords,
  CAPABILITY,
  CAPABILITY_NAMES,
  type Capabilities,
  type Capability,
  type CapabilityBits,
  type CapabilityConstraints,
  type Constraints,
  capabilitiesOf,
  capabilityBits,
  capabilityNumbers,
  capabilityOfPipeline,
  capacityOf,
  codecCapabilities,
  codecsOf,
  DEFAULT_CAPABILITIES,
  decodeCapabilities,
  encodeCapabilities,
  hasCapability,
  type Incompatibility,
  includesCapabilities,
  incompatibility,
  isCompatible,
  type JobParameters,
  jobCapabilities,
  LEGACY_CAPABILITIES,
  type ModelConstraint,
  meetsMinVersion,
  NO_CONSTRAINTS,
  removeCapabilities,
} from './messages/capabilities.ts'
export {
  type DistributionReport,
  type DistributionRequest,
  decodeDistributionReport,
  decodeDistributionRequest,
  encodeDistributionReport,
  encodeDistributionRequest,
  isViewerId,
  MAX_REPORTED_VIEWERS,
  type ViewerId,
} from './messages/distribution.ts'
export type { DistributionOffer } from './messages/distribution-offer.ts'
export {
  decodeEndTranscodingSessionRequest,
  type EndTranscodingSessionRequest,
  encodeEndTranscodingSessionRequest,
  endTranscodingSessionRequestFromProto,
} from './messages/endTranscodingSession.ts'
export type {
  GpuInfo,
  HardwareInformation,
} from './messages/hardware.ts'
export {
  parseJsonProfiles,
  presetProfiles,
} from './messages/jsonProfile.ts'
export {
  encodeLiveMessage,
  type LiveMessage,
  LiveMessageReader,
  type LivePart,
  MAX_LIVE_MESSAGE_BYTES,
} from './messages/liveSegment.ts'
export {
  decodeNotifySegment,
  encodeNotifySegment,
  type NotifySegment,
  notifySegmentFromProto,
  notifySegmentToProto,
} from './messages/notifySegment.ts'
export {
  decodeOrchestratorInfo,
  encodeOrchestratorInfo,
  type OrchestratorInfo,
  orchestratorInfoFromBase64,
  orchestratorInfoFromProto,
  orchestratorInfoToBase64,
  orchestratorInfoToProto,
} from './messages/orchestratorInfo.ts'
export {
  decodeOrchestratorRequest,
  encodeOrchestratorRequest,
  type OrchestratorRequest,
  orchestratorRequestFromProto,
  orchestratorRequestToProto,
  signOrchestratorRequest,
  verifyOrchestratorRequest,
} from './messages/orchestratorRequest.ts'
export {
  decodePayment,
  encodePayment,
  type Payment,
  type TicketExpirationParams,
  type TicketParams,
  type TicketSenderParams,
} from './messages/payment.ts'
export {
  decodePaymentResult,
  encodePaymentResult,
  type PaymentResult,
} from './messages/paymentResult.ts'
export {
  decodePingPong,
  encodePingPong,
  type PingPong,
} from './messages/pingPong.ts'
export {
  type PriceInfo,
  priceFromRational,
  priceToRational,
} from './messages/priceInfo.ts'
export {
  type FullProfilesField,
  fullProfilesField,
  profileId,
  profilesHash,
  receiverDefaultName,
  senderDefaultName,
} from './messages/profile.ts'
export { PROFILE_PRESETS } from './messages/profile-presets.ts'
export {
  decodeMaxFloatRequest,
  decodeMaxFloatUpdate,
  decodeQueueTicketRequest,
  encodeMaxFloatRequest,
  encodeMaxFloatUpdate,
  encodeQueueTicketRequest,
  type MaxFloatRequest,
  type MaxFloatUpdate,
  type QueueTicketRequest,
} from './messages/redeemer.ts'
export {
  decodeRegisterRequest,
  encodeRegisterRequest,
  type RegisterRequest,
  registerRequestFromProto,
  registerRequestToProto,
} from './messages/registerRequest.ts'
export {
  DEFAULT_SEGMENT_DURATION_MS,
  decodeSegData,
  encodeSegData,
  flattenSegment,
  INVALID_PROFILES,
  MAX_SEGMENT_DURATION_MS,
  type SegData,
  type SegmentJob,
  segmentDurationMs,
  signSegment,
  UNKNOWN_HASH,
  verifySegment,
} from './messages/segData.ts'
export {
  type CommitmentDomain,
  decodeSegmentCommitment,
  encodeSegmentCommitment,
  SEGMENT_COMMITMENT_TYPE,
  type SegmentCommitment,
  type SignedSegmentCommitment,
  segmentCommitmentDigest,
  signSegmentCommitment,
  verifySegmentCommitment,
} from './messages/segmentCommitment.ts'
export {
  checkSegDataSeal,
  sealSegData,
} from './messages/segmentSeal.ts'
export type { StorageInfo } from './messages/storage.ts'
export {
  decodeTranscodeResult,
  encodeTranscodeResult,
  type TranscodeData,
  type TranscodedSegment,
  type TranscodeResult,
} from './messages/transcodeResult.ts'
export {
  type ChromaSubsampling,
  type CodecProfile,
  DEFAULT_LADDER,
  isCarriedByTs,
  type ProfileFormat,
  type VideoCodec,
  type VideoProfile,
} from './messages/video-profile.ts'
export {
  decodeView,
  EMPTY_VIEW,
  encodeView,
  foldEvent,
  type NetworkView,
  type NodeView,
  type StreamView,
  type Totals,
} from './network-view.ts'
export {
  isNonRetryableTranscodeError,
  NON_RETRYABLE_TRANSCODE_ERRORS,
  PEER_ERROR,
} from './peer-errors.ts'
export {
  orchestratorRequestMessage,
  personalMessageHash,
  renditionsHash,
  type SignatureVerifier,
  type Signer,
  signHashMessage,
  signNodeMessage,
  verifyHashMessage,
  verifyNodeMessage,
} from './signing.ts'
export {
  WireError,
  type WireErrorCode,
} from './wire-error.ts'
