export type {
  EngineInfo,
  EngineSession,
  EngineSessionOptions,
  MediaEngine,
  RenditionPart,
  SegmentOutcome,
} from './engine.ts'
export type { ClosedSegment, CodedFrame, FrameCodec, Segment } from './segment.ts'
