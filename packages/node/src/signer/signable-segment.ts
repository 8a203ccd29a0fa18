import { type Address, addressToBytes, flattenSegment, isManifestId, type SegData } from '@millrace/wire'
import { SignerError } from '../links/signer-link.ts'

/** In the bytes that a ticket signs the sender's address stands behind the recipient's (wire spec 5.1). */
const SENDER_AT = 20

/**
 * Throws `bad_segment` for a segment whose signature could be taken for something else.
 * Segments and tickets are signed in the same way, a personal signature of keccak256 over bytes side by side, and here manifest id,
 * number and hash are a stranger's word: bytes that read as a ticket of this account would be a signed ticket of any value.
 */
export function checkSignable(self: Address, segment: Omit<SegData, 'signature'>): void {
  const bytes = flattenSegment(segment)
  const sender = addressToBytes(self)
  if (sender.every((byte, i) => bytes[SENDER_AT + i] === byte))
    throw new SignerError('bad_segment', 400, 'the segment reads as a ticket of this account: it is not signed')
}

/** Throws `bad_segment` for names that no gateway gives a stream. */
export function checkName({ manifestId }: Pick<SegData, 'manifestId'>): void {
  if (!isManifestId(manifestId))
    throw new SignerError(
      'bad_segment',
      400,
      'a manifest id may have up to 128 letters, digits, _, -, . and ~: nothing else is signed',
    )
}
