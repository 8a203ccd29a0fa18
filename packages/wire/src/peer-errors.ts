/** Texts that nodes of the network send and match on; they are part of the protocol and are copied exactly. */
export const PEER_ERROR = {
  // In TranscodeResult.error, HTTP bodies and gRPC status messages.
  orchestratorBusy: 'OrchestratorBusy',
  orchestratorCapped: 'OrchestratorCapped',
  mismatchedSegments: 'MismatchedSegments',
  zeroSegments: 'ZeroSegments',
  transcoderUnavailable: 'ErrTranscoderUnavailable',
  noTranscoders: 'no transcoders available',
  noCapableTranscoders: 'no transcoders can provide requested capabilities',
  remoteTranscoderTimeout: 'Remote transcoder took too long',
  transcoderBusy: 'TranscoderBusy',
  transcoderStopped: 'TranscoderStopped',
  // 403 of /segment.
  segmentEncoding: 'ErrorSegEncoding',
  segmentSignature: 'ErrSegSig',
  unrecognizedFormat: 'unrecognized profile output format',
  unrecognizedCodecProfile: 'unrecognized encoder profile',
  unrecognizedCodec: 'unrecognized video codec',
  invalidDuration: 'invalid duration',
  incompatibleCapabilities: 'incompatible capabilities',
  missingAuthToken: 'missing auth token',
  invalidAuthToken: 'invalid auth token',
  expiredAuthToken: 'expired auth token',
  forbidden: 'Forbidden',
  // 400 of /segment.
  badRequest: 'BadRequest',
  insufficientBalance: 'Insufficient balance',
  // gRPC.
  orchestratorRequestSignature: 'orchestrator req sig check failed',
  endSessionInvalidAuthToken: 'Invalid auth token',
  invalidSecret: 'invalid secret',
  zeroCapacity: 'zero capacity',
  // HTTP of /transcodeResults.
  unauthorized: 'Unauthorized',
  invalidTaskId: 'Invalid Task ID',
  invalidPixels: 'Invalid Pixels',
} as const

/** Starts of the texts after which a segment is not tried again, because every orchestrator would fail on it. */
export const NON_RETRYABLE_TRANSCODE_ERRORS: readonly string[] = [
  'Unsupported input pixel format',
  'Error initializing filtergraph',
  'Too many outputs',
  'Unsupported input codec',
  'No keyframes in input',
  'Unrecoverable state, restart process',
  'Encoded frames runaway',
  'Decoder not found',
  'Demuxer not found',
  'Encoder not found',
  'Muxer not found',
  'Option not found',
  'Invalid argument',
  'TranscoderInvalidResolution',
  'TranscoderInvalidVideo',
  'TranscoderUnrecognizedFormat',
  'TranscoderUnrecognizedProfile',
  'TranscoderInvalidGOP',
  'TranscoderIncompatibleDevices',
]

/** True when another orchestrator would fail on the segment as well. */
export const isNonRetryableTranscodeError = (text: string): boolean =>
  NON_RETRYABLE_TRANSCODE_ERRORS.some((known) => text.includes(known))
