import { decodeBase64, encodeBase64 } from './base64.ts'
import { MAX_HEADER_LENGTH } from './limits.ts'
import { decodePayment, encodePayment, type Payment } from './messages/payment.ts'
import { decodeSegData, encodeSegData, type SegData } from './messages/segData.ts'
import { sealSegData } from './messages/segmentSeal.ts'
import type { Signer } from './signing.ts'
import { WireError } from './wire-error.ts'

/** Names of HTTP headers, in the spelling of upstream; compare without regard to case. */
export const HEADER = {
  payment: 'Livepeer-Payment',
  segment: 'Livepeer-Segment',
  transcodeConfiguration: 'Livepeer-Transcode-Configuration',
  orchestratorUri: 'Livepeer-Orchestrator-URL',
  authorization: 'Authorization',
  credentials: 'Credentials',
  taskId: 'TaskId',
  pixels: 'Pixels',
  pipeline: 'Pipeline',
  renditionName: 'Rendition-Name',
  contentDuration: 'Content-Duration',
  contentResolution: 'Content-Resolution',
  contentSliceFrom: 'Content-Slice-From',
  contentSliceTo: 'Content-Slice-To',
  traceparent: 'traceparent',
} as const

/** Values of Content-Type and Authorization that peers compare. */
export const CONTENT_TYPE = {
  segment: 'video/MP2T',
  segmentUri: 'application/vnd+livepeer.uri',
  mpegts: 'video/mp2t',
  mp4: 'video/mp4',
  perceptualHash: 'application/octet-stream',
  transcodingError: 'livepeer/transcoding-error',
  aiWorkerError: 'livepeer/ai-worker-error',
} as const
export const TRANSCODER_AUTHORIZATION = 'Livepeer-Transcoder-1.0'
export const AI_WORKER_AUTHORIZATION = 'Livepeer-AI-Worker-1.0'

/** The value of Livepeer-Payment. */
export const encodePaymentHeader = (payment: Payment): string => header(encodePayment(payment))

/** Reads Livepeer-Payment; undefined when there is none or it is empty, as nodes without a chain send it. */
export const decodePaymentHeader = (value: string | undefined): Payment | undefined =>
  value === undefined || value === '' ? undefined : decodePayment(bytesOf(value))

/** The value of Livepeer-Segment; a header that asks for a commitment or opens a live segment must be sealed by its signer. */
export function encodeSegmentHeader(segment: SegData, signer?: Signer): string {
  const encoded = encodeSegData(segment)
  return header((segment.wantsCommitment || segment.live) && signer ? sealSegData(signer, encoded) : encoded)
}

/** Reads Livepeer-Segment; the encoded bytes are what `checkSegDataSeal` looks at. */
export function decodeSegmentHeader(value: string | undefined): {
  readonly segment: SegData
  readonly encoded: Uint8Array
} {
  if (!value) throw new WireError('missing_field', `the header ${HEADER.segment} is missing`)
  const encoded = bytesOf(value)
  return { segment: decodeSegData(encoded), encoded }
}

function header(bytes: Uint8Array): string {
  const value = encodeBase64(bytes)
  if (value.length > MAX_HEADER_LENGTH)
    throw new WireError('message_too_large', `a header of ${value.length} characters, at most ${MAX_HEADER_LENGTH}`)
  return value
}

function bytesOf(value: string): Uint8Array {
  if (value.length > MAX_HEADER_LENGTH)
    throw new WireError('message_too_large', `a header of ${value.length} characters, at most ${MAX_HEADER_LENGTH}`)
  return decodeBase64(value)
}
