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
  streamKey,
} from './identifiers.ts'
export {
  type ChromaSubsampling,
  type CodecProfile,
  DEFAULT_LADDER,
  type ProfileFormat,
  type VideoCodec,
  type VideoProfile,
} from './messages/profile.ts'
