import { checkText, decodeMessage, encodeMessage, int64ToNumber, numberToInt64, required } from '../codec.ts'
import { type SessionId, sessionId } from '../identifiers.ts'
import { MAX_ID_BYTES } from '../limits.ts'
import { type NotifySegment as NotifySegmentProto, NotifySegmentSchema } from '../proto/generated/lp_rpc_pb.ts'
import { WireError } from '../wire-error.ts'
import { INVALID_PROFILES, type SegmentJob, segmentJobFromProto, segmentJobToProto } from './segData.ts'

/** What an orchestrator tells a worker: transcode this segment, or forget that session. */
export type NotifySegment =
  | {
      readonly kind: 'segment'
      /** Where to fetch the source. */
      readonly url: string
      readonly taskId: number
      /** The orchestrator's name, written into the renditions' metadata. */
      readonly orchId: string
      readonly job: SegmentJob
      /** Millrace, field 1000: the source is still arriving, and the url is that of the task's own connection (`liveSegment.ts`). */
      readonly live?: true
    }
  | { readonly kind: 'teardown'; readonly sessionId: SessionId }

export const encodeNotifySegment = (notify: NotifySegment): Uint8Array =>
  encodeMessage(NotifySegmentSchema, notifySegmentToProto(notify))

export const decodeNotifySegment = (bytes: Uint8Array): NotifySegment =>
  notifySegmentFromProto(decodeMessage(NotifySegmentSchema, bytes))

export function notifySegmentToProto(notify: NotifySegment) {
  // An empty url with a session id is the order to end that session.
  if (notify.kind === 'teardown') return { segData: { authToken: { sessionId: notify.sessionId } } }
  if (notify.url === '') throw new WireError('missing_field', 'a segment for a worker needs a url')
  return {
    url: checkText(notify.url, 'url', 4096),
    segData: segmentJobToProto(notify.job),
    taskId: numberToInt64(notify.taskId, 'taskId'),
    orchId: checkText(notify.orchId, 'orchId', MAX_ID_BYTES),
    profiles: INVALID_PROFILES,
    live: notify.live ?? false,
  }
}

export function notifySegmentFromProto(message: NotifySegmentProto): NotifySegment {
  const segData = required(message.segData, 'segData')
  if (message.url === '') {
    const ended = required(segData.authToken, 'auth_token').sessionId
    return { kind: 'teardown', sessionId: sessionId(checkText(ended, 'session_id', MAX_ID_BYTES)) }
  }
  return {
    kind: 'segment',
    url: checkText(message.url, 'url', 4096),
    taskId: int64ToNumber(message.taskId, 'taskId'),
    orchId: checkText(message.orchId, 'orchId', MAX_ID_BYTES),
    job: segmentJobFromProto(segData),
    ...(message.live && { live: true as const }),
  }
}
