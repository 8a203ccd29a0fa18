import { keccak256, toHex } from '@millrace/base'
import { type Capabilities, encodeSegmentHeader, type SegData } from '@millrace/wire'
import type { PaidSession, PaymentSource } from '../payment-source.ts'

const NOTHING = toHex(keccak256(new Uint8Array(0)))

/** The value of Livepeer-Segment for something that is no segment: it says who asks, and what for. Off chain nothing is signed. */
export async function liveCredentials(
  paid: PaidSession,
  capabilities: Capabilities,
  payer: PaymentSource | undefined,
  { signal }: { readonly signal: AbortSignal },
): Promise<string> {
  const { authToken } = paid.info
  const unsigned: Omit<SegData, 'signature'> = {
    manifestId: paid.manifestId,
    seq: 0,
    profiles: [],
    durationMs: 0,
    capabilities,
    ...(authToken && { authToken }),
    calcPerceptualHash: false,
    forceSessionReinit: false,
    hash: NOTHING,
    storage: [],
    wantsCommitment: false,
  }
  if (payer) return payer.segmentHeader(paid, unsigned, { signal })
  return encodeSegmentHeader({ ...unsigned, signature: new Uint8Array(0) })
}
