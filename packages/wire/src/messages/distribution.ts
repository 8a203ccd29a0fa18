import { toHex } from '@millrace/base'
import {
  checkCount,
  checkText,
  decodeMessage,
  encodeMessage,
  int64ToNumber,
  numberToInt64,
  required,
} from '../codec.ts'
import { DistributionReportSchema, DistributionRequestSchema } from '../proto/generated/lp_rpc_pb.ts'
import { WireError } from '../wire-error.ts'
import { type OrchestratorInfo, orchestratorInfoFromProto, orchestratorInfoToProto } from './orchestratorInfo.ts'

/** Names a viewer to gateway and edge: 16 hexadecimal digits. */
export type ViewerId = string
export const isViewerId = (text: string): text is ViewerId => /^[0-9a-f]{16}$/.test(text)

/** Viewers in one report; of those that changed meanwhile the rest comes with the next. */
export const MAX_REPORTED_VIEWERS = 5_000
export const VIEWER_KEY_BYTES = 32
const MAX_ORIGIN_BYTES = 300

/**
 * What a gateway sends to the edge that serves one of its streams, once a second; the first one begins the session.
 * Beside it go Livepeer-Payment, and a sealed Livepeer-Segment whose hash is that of these bytes: it says who asks, for which stream.
 */
export type DistributionRequest = {
  /** Where renditions are pulled from: http or https with host and port. */
  readonly origin: string
  /** Ed25519: the tokens of viewers are signed with it. */
  readonly viewerKey: Uint8Array
  /** The revision of the last report that arrived; 0 at the beginning. */
  readonly since: number
  /** The session is over. */
  readonly end: boolean
}

/** What was served so far. */
export type DistributionReport = {
  /** With the price of a byte as its price, and ticket parameters for it. */
  readonly info: OrchestratorInfo
  readonly revision: number
  readonly totalBytes: number
  /** What each viewer has been given in all, of those who got more since the revision that was asked for. */
  readonly viewers: readonly { readonly viewer: ViewerId; readonly bytes: number }[]
}

export const encodeDistributionRequest = ({ origin, viewerKey, since, end }: DistributionRequest): Uint8Array =>
  encodeMessage(DistributionRequestSchema, {
    origin: checkText(origin, 'origin', MAX_ORIGIN_BYTES),
    viewerKey,
    since: numberToInt64(since, 'since'),
    end,
  })

export function decodeDistributionRequest(bytes: Uint8Array): DistributionRequest {
  const { origin, viewerKey, since, end } = decodeMessage(DistributionRequestSchema, bytes)
  if (viewerKey.length !== VIEWER_KEY_BYTES)
    throw new WireError('wrong_length', `viewer_key has ${viewerKey.length} bytes, expected ${VIEWER_KEY_BYTES}`)
  return { origin: checkText(origin, 'origin', MAX_ORIGIN_BYTES), viewerKey, since: int64ToNumber(since, 'since'), end }
}

export const encodeDistributionReport = ({ info, revision, totalBytes, viewers }: DistributionReport): Uint8Array =>
  encodeMessage(DistributionReportSchema, {
    info: orchestratorInfoToProto(info),
    revision: numberToInt64(revision, 'revision'),
    totalBytes: numberToInt64(totalBytes, 'total_bytes'),
    viewers: checkCount(viewers, 'viewers', MAX_REPORTED_VIEWERS).map(({ viewer, bytes }) => ({
      viewer: new Uint8Array(Array.from({ length: 8 }, (_, i) => Number.parseInt(viewer.slice(2 * i, 2 * i + 2), 16))),
      bytes: numberToInt64(bytes, 'bytes'),
    })),
  })

export function decodeDistributionReport(bytes: Uint8Array): DistributionReport {
  const message = decodeMessage(DistributionReportSchema, bytes)
  return {
    info: orchestratorInfoFromProto(required(message.info, 'info')),
    revision: int64ToNumber(message.revision, 'revision'),
    totalBytes: int64ToNumber(message.totalBytes, 'total_bytes'),
    viewers: checkCount(message.viewers, 'viewers', MAX_REPORTED_VIEWERS).map(({ viewer, bytes: served }) => {
      if (viewer.length !== 8) throw new WireError('wrong_length', `a viewer has ${viewer.length} bytes, expected 8`)
      return { viewer: toHex(viewer).slice(2), bytes: int64ToNumber(served, 'bytes') }
    }),
  }
}
