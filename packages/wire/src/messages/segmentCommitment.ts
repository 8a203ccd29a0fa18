import { bigintToFixed, concatBytes, fromHex, type Hex, keccak256, type Pixels, type Round, utf8 } from '@millrace/base'
import { addressFromBytes, addressToBytes } from '../address.ts'
import {
  checkText,
  decodeMessage,
  encodeMessage,
  hashFromBytes,
  hashToBytes,
  int64ToNumber,
  numberToInt64,
  uint256FromBytes,
  uint256ToBytes,
} from '../codec.ts'
import { type Address, type ManifestId, manifestId, type SessionId, sessionId } from '../identifiers.ts'
import { MAX_ID_BYTES } from '../limits.ts'
import {
  type SegmentCommitment as SegmentCommitmentProto,
  SegmentCommitmentSchema,
} from '../proto/generated/lp_rpc_pb.ts'
import type { SignatureVerifier, Signer } from '../signing.ts'
import { WireError } from '../wire-error.ts'

/** What an orchestrator commits to for one segment: the receipt, and the evidence in a dispute. */
export type SegmentCommitment = {
  /** The gateway that pays. */
  readonly sender: Address
  /** The orchestrator that is paid. */
  readonly recipient: Address
  readonly manifestId: ManifestId
  readonly seq: number
  /** keccak256 of the source segment. */
  readonly sourceHash: Hex
  /** `profilesHash` of what was asked. */
  readonly profilesHash: Hex
  /** `renditionsHash` of what was delivered. */
  readonly renditionsHash: Hex
  /** Encoded pixels of all renditions, which is what the fee counts. */
  readonly pixels: Pixels
  readonly sessionId: SessionId
  /** The last initialized round. */
  readonly round: Round
}

export type SignedSegmentCommitment = SegmentCommitment & { readonly signature: Uint8Array }

/** Where a commitment counts: one chain and one TicketBroker. */
export type CommitmentDomain = { readonly chainId: bigint; readonly ticketBroker: Address }

/** The EIP-712 type; field order is part of the signature. */
export const SEGMENT_COMMITMENT_TYPE =
  'SegmentCommitment(address sender,address recipient,string manifestId,uint64 seq,bytes32 sourceHash,bytes32 profilesHash,bytes32 renditionsHash,uint256 pixels,string sessionId,uint256 round)'
const DOMAIN_TYPE = 'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'

/** The 32 bytes that are signed (EIP-712), domain Millrace version 1. */
export function segmentCommitmentDigest(domain: CommitmentDomain, commitment: SegmentCommitment): Uint8Array {
  const separator = keccak256(
    hashText(DOMAIN_TYPE),
    hashText('Millrace'),
    hashText('1'),
    word(domain.chainId),
    addressWord(domain.ticketBroker),
  )
  const struct = keccak256(
    hashText(SEGMENT_COMMITMENT_TYPE),
    addressWord(commitment.sender),
    addressWord(commitment.recipient),
    hashText(commitment.manifestId),
    word(numberToInt64(commitment.seq, 'seq')),
    hashToBytes(commitment.sourceHash, 'sourceHash'),
    hashToBytes(commitment.profilesHash, 'profilesHash'),
    hashToBytes(commitment.renditionsHash, 'renditionsHash'),
    word(commitment.pixels),
    hashText(commitment.sessionId),
    word(commitment.round),
  )
  return keccak256(fromHex('0x1901'), separator, struct)
}

/** Signs the commitment as its recipient. */
export function signSegmentCommitment(
  signer: Signer,
  domain: CommitmentDomain,
  commitment: SegmentCommitment,
): SignedSegmentCommitment {
  return { ...commitment, signature: signer.signTypedDigest(segmentCommitmentDigest(domain, commitment)) }
}

/** True when the commitment's recipient signed it for this domain. */
export const verifySegmentCommitment = (
  verifier: SignatureVerifier,
  domain: CommitmentDomain,
  signed: SignedSegmentCommitment,
): boolean => verifier.verifyTypedDigest(signed.recipient, segmentCommitmentDigest(domain, signed), signed.signature)

export const encodeSegmentCommitment = (signed: SignedSegmentCommitment): Uint8Array =>
  encodeMessage(SegmentCommitmentSchema, segmentCommitmentToProto(signed))

export const decodeSegmentCommitment = (bytes: Uint8Array): SignedSegmentCommitment =>
  segmentCommitmentFromProto(decodeMessage(SegmentCommitmentSchema, bytes))

export const segmentCommitmentToProto = (signed: SignedSegmentCommitment) => ({
  sender: addressToBytes(signed.sender),
  recipient: addressToBytes(signed.recipient),
  manifestId: checkText(signed.manifestId, 'manifest_id', MAX_ID_BYTES),
  seq: numberToInt64(signed.seq, 'seq'),
  sourceHash: hashToBytes(signed.sourceHash, 'source_hash'),
  profilesHash: hashToBytes(signed.profilesHash, 'profiles_hash'),
  renditionsHash: hashToBytes(signed.renditionsHash, 'renditions_hash'),
  pixels: uint256ToBytes(signed.pixels, 'pixels'),
  sessionId: checkText(signed.sessionId, 'session_id', MAX_ID_BYTES),
  round: uint256ToBytes(signed.round, 'round'),
  signature: signed.signature,
})

export function segmentCommitmentFromProto(message: SegmentCommitmentProto): SignedSegmentCommitment {
  if (message.signature.length !== 65)
    throw new WireError('wrong_length', `a commitment's signature must have 65 bytes, got ${message.signature.length}`)
  return {
    sender: addressFromBytes(message.sender),
    recipient: addressFromBytes(message.recipient),
    manifestId: manifestId(checkText(message.manifestId, 'manifest_id', MAX_ID_BYTES)),
    seq: int64ToNumber(message.seq, 'seq'),
    sourceHash: hashFromBytes(message.sourceHash, 'source_hash'),
    profilesHash: hashFromBytes(message.profilesHash, 'profiles_hash'),
    renditionsHash: hashFromBytes(message.renditionsHash, 'renditions_hash'),
    pixels: uint256FromBytes(message.pixels, 'pixels'),
    sessionId: sessionId(checkText(message.sessionId, 'session_id', MAX_ID_BYTES)),
    round: uint256FromBytes(message.round, 'round'),
    signature: message.signature,
  }
}

const hashText = (text: string): Uint8Array => keccak256(utf8(text))
const word = (value: bigint): Uint8Array => bigintToFixed(value, 32)
const addressWord = (address: Address): Uint8Array => concatBytes(new Uint8Array(12), addressToBytes(address))
