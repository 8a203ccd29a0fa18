import { bigintToFixed, concatBytes, type Hex, utf8 } from '@millrace/base'
import {
  checkCount,
  checkSignature,
  checkText,
  decodeMessage,
  encodeMessage,
  hashFromBytes,
  hashToBytes,
  int64ToNumber,
  numberToInt64,
  textFromBytes,
} from '../codec.ts'
import type { Address } from '../identifiers.ts'
import { type ManifestId, manifestId } from '../identifiers.ts'
import { MAX_ID_BYTES, MAX_PROFILES } from '../limits.ts'
import { PEER_ERROR } from '../peer-errors.ts'
import { type SegData as SegDataProto, SegDataSchema } from '../proto/generated/lp_rpc_pb.ts'
import { type SignatureVerifier, type Signer, signNodeMessage, verifyNodeMessage } from '../signing.ts'
import { WireError } from '../wire-error.ts'
import { type AuthToken, authTokenFromProto, authTokenToProto } from './authToken.ts'
import { type Capabilities, capabilitiesFromProto, capabilitiesToProto } from './capabilities.ts'
import { fullProfilesField, profileFromProto, profileId, profileToProto } from './profile.ts'
import { type StorageInfo, storageFromProto, storageToProto } from './storage.ts'
import type { VideoProfile } from './video-profile.ts'

/** What is to be done with one segment; the part of SegData that also goes to a worker. */
export type SegmentJob = {
  readonly manifestId: ManifestId
  readonly seq: number
  readonly profiles: readonly VideoProfile[]
  /** As told by the gateway; `segmentDurationMs` applies the rules. Not covered by the upstream signature. */
  readonly durationMs: number
  readonly capabilities?: Capabilities
  readonly authToken?: AuthToken
  readonly calcPerceptualHash: boolean
  /** The slice of the segment that is wanted, in milliseconds of the segment's time. */
  readonly segmentParameters?: { readonly fromMs: number; readonly toMs: number }
  readonly forceSessionReinit: boolean
}

/** The header that goes with every segment (Livepeer-Segment). */
export type SegData = SegmentJob & {
  /** keccak256 of the segment's bytes. */
  readonly hash: Hex
  /** Of `flattenSegment`; empty without a chain. */
  readonly signature: Uint8Array
  /** Where the gateway wants results to be put; empty for the orchestrator's own choice. */
  readonly storage: readonly StorageInfo[]
  /** Millrace, field 1000: the gateway asks for a signed SegmentCommitment and seals the header. */
  readonly wantsCommitment: boolean
  /** Millrace, field 1002: opens a live segment (`liveSegment.ts`); `hash` is `UNKNOWN_HASH`. */
  readonly live?: true
}

/** The hash of a segment that is still arriving. */
export const UNKNOWN_HASH: Hex = `0x${'00'.repeat(32)}`

/** The bytes a gateway signs: manifest id ‖ seq in 32 bytes ‖ hash ‖ hexadecimal text of each profile's 4-byte id. */
export function flattenSegment(segment: Pick<SegData, 'manifestId' | 'seq' | 'hash' | 'profiles'>): Uint8Array {
  const ids = segment.profiles.map(({ name }) => profileId(name))
  return concatBytes(
    utf8(segment.manifestId),
    bigintToFixed(numberToInt64(segment.seq, 'seq'), 32),
    hashToBytes(segment.hash, 'hash'),
    utf8(ids.map((id) => id.reduce((text, byte) => text + byte.toString(16).padStart(2, '0'), '')).join('')),
  )
}

/** Signs the segment as upstream's orchestrators check it. */
export const signSegment = (signer: Signer, segment: Omit<SegData, 'signature'>): SegData => ({
  ...segment,
  signature: signNodeMessage(signer, flattenSegment(segment)),
})

/** True when the sender signed this segment. */
export const verifySegment = (verifier: SignatureVerifier, sender: Address, segment: SegData): boolean =>
  verifyNodeMessage(verifier, sender, flattenSegment(segment), segment.signature)

/** Milliseconds that a segment without a duration is taken to last. */
export const DEFAULT_SEGMENT_DURATION_MS = 2000
/** The longest segment that is accepted, in milliseconds. */
export const MAX_SEGMENT_DURATION_MS = 300_000

/** The segment's duration: 0 means 2 s; below 0 or above 5 minutes throws `invalid_duration`. */
export function segmentDurationMs(segment: Pick<SegmentJob, 'durationMs'>): number {
  const { durationMs } = segment
  if (durationMs < 0 || durationMs > MAX_SEGMENT_DURATION_MS)
    throw new WireError('invalid_duration', PEER_ERROR.invalidDuration, { meta: { durationMs } })
  return durationMs === 0 ? DEFAULT_SEGMENT_DURATION_MS : durationMs
}

export const encodeSegData = (segment: SegData): Uint8Array =>
  encodeMessage(SegDataSchema, {
    ...segmentJobToProto(segment),
    hash: hashToBytes(segment.hash, 'hash'),
    sig: checkSignature(segment.signature, 'sig'),
    storage: checkCount(segment.storage, 'storage').map(storageToProto),
    wantsCommitment: segment.wantsCommitment,
    live: segment.live ?? false,
  })

export function decodeSegData(bytes: Uint8Array): SegData {
  const message = decodeMessage(SegDataSchema, bytes)
  return {
    ...segmentJobFromProto(message),
    hash: hashFromBytes(message.hash, 'hash'),
    signature: checkSignature(message.sig, 'sig'),
    storage: checkCount(message.storage, 'storage').map(storageFromProto),
    wantsCommitment: message.wantsCommitment,
    ...(message.live && { live: true as const }),
  }
}

/** Field 4 holds this text so that peers too old to know the lists 33 to 35 fail loudly. */
export const INVALID_PROFILES: Uint8Array = utf8('invalid')

export function segmentJobToProto(job: SegmentJob) {
  // A missing name would be filled in differently by sender and receiver, and the signature would fail.
  if (job.profiles.some(({ name }) => name === ''))
    throw new WireError('invalid_profile', 'every profile needs a name, because names are signed')
  const { durationMs } = job
  if (!Number.isInteger(durationMs) || durationMs < -0x80000000 || durationMs > 0x7fffffff)
    throw new WireError('invalid_duration', `durationMs must be a whole number of 32 bits, got ${durationMs}`)
  return {
    manifestId: utf8(checkText(job.manifestId, 'manifestId', MAX_ID_BYTES)),
    seq: numberToInt64(job.seq, 'seq'),
    profiles: INVALID_PROFILES,
    duration: durationMs,
    ...(job.capabilities && { capabilities: capabilitiesToProto(job.capabilities) }),
    ...(job.authToken && { authToken: authTokenToProto(job.authToken) }),
    calcPerceptualHash: job.calcPerceptualHash,
    [fullProfilesField(job.profiles)]: checkCount(job.profiles, 'profiles', MAX_PROFILES).map(profileToProto),
    ...(job.segmentParameters && {
      segmentParameters: {
        from: numberToInt64(job.segmentParameters.fromMs, 'from'),
        to: numberToInt64(job.segmentParameters.toMs, 'to'),
      },
    }),
    ForceSessionReinit: job.forceSessionReinit,
  }
}

export function segmentJobFromProto(message: SegDataProto): SegmentJob {
  const profiles =
    [message.fullProfiles3, message.fullProfiles2, message.fullProfiles].find((list) => list.length > 0) ?? []
  return {
    manifestId: manifestId(textFromBytes(message.manifestId, 'manifestId', MAX_ID_BYTES)),
    seq: int64ToNumber(message.seq, 'seq'),
    profiles: checkCount(profiles, 'profiles', MAX_PROFILES).map(profileFromProto),
    durationMs: message.duration,
    ...(message.capabilities && { capabilities: capabilitiesFromProto(message.capabilities) }),
    ...(message.authToken && { authToken: authTokenFromProto(message.authToken) }),
    calcPerceptualHash: message.calcPerceptualHash,
    ...(message.segmentParameters && {
      segmentParameters: {
        fromMs: int64ToNumber(message.segmentParameters.from, 'from'),
        toMs: int64ToNumber(message.segmentParameters.to, 'to'),
      },
    }),
    forceSessionReinit: message.ForceSessionReinit,
  }
}
