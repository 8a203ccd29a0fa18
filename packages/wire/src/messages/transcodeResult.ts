import type { Pixels } from '@millrace/base'
import {
  checkCount,
  checkInt64,
  checkSignature,
  checkText,
  decodeMessage,
  encodeMessage,
  int64ToNumber,
  numberToInt64,
} from '../codec.ts'
import { MAX_PROFILES } from '../limits.ts'
import { type TranscodeData as TranscodeDataProto, TranscodeResultSchema } from '../proto/generated/lp_rpc_pb.ts'
import { WireError } from '../wire-error.ts'
import { type OrchestratorInfo, orchestratorInfoFromProto, orchestratorInfoToProto } from './orchestratorInfo.ts'
import {
  type SignedSegmentCommitment,
  segmentCommitmentFromProto,
  segmentCommitmentToProto,
} from './segmentCommitment.ts'

/** One rendition of a segment, where to fetch it and how many pixels were encoded. */
export type TranscodedSegment = {
  readonly url: string
  readonly pixels: Pixels
  readonly perceptualHashUrl?: string
}

/** What an orchestrator made of a segment, in the order of the profiles. */
export type TranscodeData = {
  readonly segments: readonly TranscodedSegment[]
  /** Of `renditionsHash`, made with `signHashMessage`; empty without a chain. */
  readonly signature: Uint8Array
  /** Millrace, field 1000; other orchestrators send none. */
  readonly commitment?: SignedSegmentCommitment
}

/** The body of the answer to /segment: the renditions or the reason why there are none, and fresh terms. */
export type TranscodeResult = {
  readonly seq: number
  readonly result: { readonly data: TranscodeData } | { readonly error: string }
  readonly info?: OrchestratorInfo
}

export const encodeTranscodeResult = (result: TranscodeResult): Uint8Array =>
  encodeMessage(TranscodeResultSchema, {
    seq: numberToInt64(result.seq, 'seq'),
    result:
      'error' in result.result
        ? { case: 'error', value: result.result.error }
        : { case: 'data', value: transcodeDataToProto(result.result.data) },
    ...(result.info && { info: orchestratorInfoToProto(result.info) }),
  })

export function decodeTranscodeResult(bytes: Uint8Array): TranscodeResult {
  const message = decodeMessage(TranscodeResultSchema, bytes)
  if (message.result.case === undefined)
    throw new WireError('missing_field', 'a transcode result must hold data or an error')
  return {
    seq: int64ToNumber(message.seq, 'seq'),
    result:
      message.result.case === 'error'
        ? { error: message.result.value }
        : { data: transcodeDataFromProto(message.result.value) },
    ...(message.info && { info: orchestratorInfoFromProto(message.info) }),
  }
}

const transcodeDataToProto = (data: TranscodeData) => ({
  segments: checkCount(data.segments, 'segments', MAX_PROFILES).map((segment) => ({
    url: checkText(segment.url, 'url', 4096),
    pixels: checkInt64(segment.pixels, 'pixels'),
    perceptualHashUrl: checkText(segment.perceptualHashUrl ?? '', 'perceptual_hash_url', 4096),
  })),
  sig: checkSignature(data.signature, 'sig'),
  ...(data.commitment && { commitment: segmentCommitmentToProto(data.commitment) }),
})

const transcodeDataFromProto = (message: TranscodeDataProto): TranscodeData => ({
  segments: checkCount(message.segments, 'segments', MAX_PROFILES).map((segment) => ({
    url: checkText(segment.url, 'url', 4096),
    pixels: checkInt64(segment.pixels, 'pixels'),
    ...(segment.perceptualHashUrl !== '' && {
      perceptualHashUrl: checkText(segment.perceptualHashUrl, 'perceptual_hash_url', 4096),
    }),
  })),
  signature: checkSignature(message.sig, 'sig'),
  ...(message.commitment && { commitment: segmentCommitmentFromProto(message.commitment) }),
})
