import { concatBytes, utf8 } from '@millrace/base'
import type { Address } from '../identifiers.ts'
import { PEER_ERROR } from '../peer-errors.ts'
import { type SignatureVerifier, type Signer, signNodeMessage, verifyNodeMessage } from '../signing.ts'
import { WireError } from '../wire-error.ts'
import type { SegData } from './segData.ts'

/**
 * Millrace, field 1001 of SegData: a signature of all header bytes before it, always the last field.
 * The upstream signature leaves out duration, profile sizes, capabilities, storage and parameters; the seal covers them.
 * It is over bytes as they were sent, so a field that only one side knows does no harm.
 */
const SEAL_HEAD = Uint8Array.of(0xca, 0x3e, 65)
const SEAL_LENGTH = SEAL_HEAD.length + 65
const DOMAIN = utf8('Millrace segment header\n')

/** The encoded header with the sender's seal behind it. */
export const sealSegData = (signer: Signer, encoded: Uint8Array): Uint8Array =>
  concatBytes(encoded, SEAL_HEAD, signNodeMessage(signer, concatBytes(DOMAIN, encoded)))

/**
 * Checks the seal of a header from a Millrace gateway; headers of other gateways have none and pass.
 * A header that asks for a commitment or opens a live segment must be sealed. Throws `invalid_signature` with upstream's text for a bad signature.
 */
export function checkSegDataSeal(
  verifier: SignatureVerifier,
  sender: Address,
  header: { readonly encoded: Uint8Array; readonly segment: SegData },
): void {
  const { encoded, segment } = header
  const at = encoded.length - SEAL_LENGTH
  const sealed = at >= 0 && SEAL_HEAD.every((byte, i) => encoded[at + i] === byte)
  if (!sealed && !segment.wantsCommitment && !segment.live) return
  const message = concatBytes(DOMAIN, encoded.subarray(0, Math.max(at, 0)))
  if (!sealed || !verifyNodeMessage(verifier, sender, message, encoded.subarray(at + SEAL_HEAD.length)))
    throw new WireError('invalid_signature', PEER_ERROR.segmentSignature)
}
