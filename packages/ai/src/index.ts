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
