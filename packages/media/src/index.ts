export { AudioProcess } from './audio/audio-process.ts'
export {
  type CapacityDeps,
  type CapacityOptions,
  type CapacityStep,
  type MeasuredCapacity,
  measureCapacity,
  REAL_TIME_RATIO,
} from './bench/capacity.ts'
export { type BenchSegment, clipOf, type GeneratedClipOptions, generatedClip } from './bench/clip.ts'
export { type Measured, type SideBySideOptions, transcodeSideBySide } from './bench/sessions.ts'
export { type ChunkOptions, cmafChunk } from './cmaf/chunk.ts'
export { codecString } from './cmaf/codec-string.ts'
export { cmafInit } from './cmaf/init.ts'
export { type CutPart, PartCutter } from './cmaf/part-cutter.ts'
export { readCmafChunk } from './cmaf/read-chunk.ts'
export { readCmafInit } from './cmaf/read-init.ts'
export { type CmafTrack, cmafTrackOf, sameTrack } from './cmaf/track.ts'
export { byteRange } from './deliver/byte-range.ts'
export { CmafFeed, type CmafFeedOptions } from './deliver/cmaf/feed.ts'
export { OpusFeed } from './deliver/cmaf/opus-feed.ts'
export { CmafOrigin, type CmafOriginOptions } from './deliver/cmaf/origin.ts'
export type {
  CmafPart,
  CmafPieces,
  CmafRendition,
  CmafRequest,
  CmafResponse,
  CmafSegment,
  SegmentTimes,
} from './deliver/cmaf/types.ts'
export { piecesOf } from './deliver/cmaf/whole-segment.ts'
export {
  HlsOrigin,
  type HlsOriginOptions,
  type HlsRendition,
  type HlsRequest,
  type HlsResponse,
} from './deliver/hls.ts'
export type { HlsSegment } from './deliver/hls-rendition.ts'
export { checkPushUrl, type PushState, PushTarget, type PushTargetOptions } from './deliver/push/push-target.ts'
export type { LiveRendition, RenditionChoice } from './deliver/whep/whep-session.ts'
export { type FilmOptions, PictureFilms } from './film/picture-films.ts'
export { BadMediaError } from './h264/errors.ts'
export {
  type DirectMedia,
  type IngestKind,
  type Publication,
  type PublicationEnd,
  PublicationFeed,
} from './ingest/publication.ts'
export { type PublishPath, parsePublishPath } from './ingest/publish-path.ts'
export type { PublishAnswer, PublishRequest } from './ingest/publish-request.ts'
export { type RtmpCertificate, RtmpServer, type RtmpServerDeps, type RtmpServerOptions } from './ingest/rtmp/server.ts'
export { SrtServer, type SrtServerDeps, type SrtServerOptions } from './ingest/srt/srt-server.ts'
export type { Complexity, ComplexitySample } from './ladder/complexity.ts'
export { ComplexityProbe, type ComplexityProbeOptions } from './ladder/complexity-probe.ts'
export { fileSamples } from './ladder/file-samples.ts'
export { fitLadder } from './ladder/fit-ladder.ts'
export { peekOpening } from './ladder/peek-opening.ts'
export { peekSize } from './ladder/peek-size.ts'
export { type PerTitleLadder, type PerTitleMode, perTitleLadder } from './ladder/per-title.ts'
export { type FrameFeed, LiveFeed, type LiveFeedOptions } from './live/live-feed.ts'
export { OpusTrack } from './live/opus-track.ts'
export { SegmentFeed } from './live/segment-feed.ts'
export { LivePlaylist, type PlaylistPart, type PlaylistSegment } from './playlist/live.ts'
export { type MasterVariant, masterPlaylist } from './playlist/master.ts'
export { factsOf, probeSegment, type StreamFacts } from './playlist/probe.ts'
export { vodPlaylist } from './playlist/vod.ts'
export { Recorder, type RecorderDeps, type RecorderOptions, type SegmentToRecord } from './recording/recorder.ts'
export { loadRecording, type Recording } from './recording/recording.ts'
export type { RecordedSegment, RecordedTrack, RecordingList } from './recording/recording-list.ts'
export {
  bytesAnswer,
  failureAnswer,
  objectKeyOf,
  plainAnswer,
  RECORDINGS_PREFIX,
  type RecordingRequest,
  type RecordingResponse,
  RecordingsOrigin,
} from './recording/recordings-origin.ts'
export { type CutFile, cutFile } from './remux/cut-file.ts'
export { readMp4Frames } from './remux/mp4-reader.ts'
export { encodeMp4 } from './remux/mp4-writer.ts'
export { withSound } from './remux/with-sound.ts'
export { type WrittenMp4, writeMp4 } from './remux/write-mp4.ts'
export { segmentFromBytes } from './segment/from-bytes.ts'
export type { Hasher } from './segment/open-segment.ts'
export type { ClosedSegment, CodedFrame, FrameCodec, Segment } from './segment/segment.ts'
export { type SegmentOptions, segmentFrames } from './segment/segmenter.ts'
export { carriedFrames } from './source/convert.ts'
export { type FileSourceOptions, openFileSource } from './source/file.ts'
export { type GeneratedSourceOptions, openGeneratedSource } from './source/generated.ts'
export type { Source } from './source/source.ts'
export { FolderStore } from './storage/folder.ts'
export { type IpfsStore, isIpfsStore } from './storage/ipfs/ipfs-store.ts'
export { MemoryStore } from './storage/memory.ts'
export type { ObjectStore } from './storage/object-store.ts'
export { type OpenStoreOptions, openObjectStore } from './storage/open-store.ts'
export { grantForm, type UploadGrant } from './storage/s3/post-policy.ts'
export { isS3Store, type S3Store } from './storage/s3/s3-store.ts'
export { parseStoreUrl, type StoreLocation } from './storage/store-url.ts'
export type {
  EngineInfo,
  EngineSession,
  EngineSessionOptions,
  LivePush,
  MediaEngine,
  PushOptions,
  RenditionPart,
  SegmentInput,
  SegmentOutcome,
} from './transcode/engine.ts'
export { type MediaEngineOptions, openMediaEngine } from './transcode/open-engine.ts'
export { type Size, scaledSize } from './transcode/scaled-size.ts'
export { type RenditionSegment, WholeSegments } from './transcode/transcode-segment.ts'
export { demuxTs, type TsCounts, TsDemuxer, type TsDemuxerOptions } from './ts/demuxer.ts'
export { muxTs, type TsCounters, TsMuxer } from './ts/muxer.ts'
export type { ComparedMedia, Comparison, ComparisonRequest } from './verify/compare.ts'
export { countPixels, type PictureCount } from './verify/count.ts'
export { countFault } from './verify/count-fault.ts'
export { type Judgement, type MatchJudgement, PictureJudge, type PictureJudgeOptions } from './verify/judge.ts'
export type { SampleRequest } from './verify/sample.ts'
export { decodeSignature, encodeSignature } from './verify/signature/binary.ts'
export {
  compareSignatures,
  SIGNATURE_THRESHOLDS,
  type SignatureMatch,
  type SignatureThresholds,
} from './verify/signature/compare.ts'
export type { FrameSignature, VideoSignature } from './verify/signature/video-signature.ts'
export { soundFault } from './verify/sound-fault.ts'
export { faultOf } from './verify/verdict.ts'
export { MadeRecordings } from './vod/made-files.ts'
export { VodJobs, type VodJobsOptions } from './vod/vod-jobs.ts'
export { OfferError } from './webrtc/errors.ts'
export { MAX_SDP_BYTES } from './webrtc/sdp.ts'
export type { IceServer, WebRtcOptions } from './webrtc/webrtc-options.ts'
export { type WebRtcAnswer, WebRtcServer } from './webrtc/webrtc-server.ts'
