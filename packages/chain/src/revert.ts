import { bondingVotesAbi, livepeerGovernorAbi, livepeerTokenAbi, verifierAbi } from '@millrace/contracts'
import { AbiErrorSignatureNotFoundError, decodeErrorResult, type Hex } from 'viem'

/** How a contract refused a call. */
export type Revert =
  | { readonly kind: 'reason'; readonly reason: string }
  /** The compiler's own checks: 0x1 a broken assertion, 0x11 an overflow, 0x12 a division by zero. */
  | { readonly kind: 'panic'; readonly code: Hex }
  | { readonly kind: 'custom'; readonly error: string; readonly args: readonly string[] }
  /** An error that is none of the protocol's, by its selector. */
  | { readonly kind: 'unknown'; readonly selector: Hex }
  | { readonly kind: 'empty' }

const errors = [...bondingVotesAbi, ...livepeerGovernorAbi, ...livepeerTokenAbi, ...verifierAbi].filter(
  (item) => item.type === 'error',
)

/** Reads the data that a call reverted with. */
export function decodeRevert(data: Hex | undefined): Revert {
  if (!data || data === '0x') return { kind: 'empty' }
  try {
    const decoded = decodeErrorResult({ abi: errors, data }) as { errorName: string; args?: readonly unknown[] }
    const args = (decoded.args ?? []).map(String)
    if (decoded.errorName === 'Error') return { kind: 'reason', reason: args[0] ?? '' }
    if (decoded.errorName === 'Panic') return { kind: 'panic', code: `0x${BigInt(args[0] ?? 0).toString(16)}` }
    return { kind: 'custom', error: decoded.errorName, args }
  } catch (cause) {
    if (!(cause instanceof AbiErrorSignatureNotFoundError)) throw cause
    return { kind: 'unknown', selector: data.slice(0, 10) as Hex }
  }
}

/** A revert in a few words. */
export function revertText(revert: Revert): string {
  if (revert.kind === 'reason') return revert.reason
  if (revert.kind === 'panic') return `panic ${revert.code}`
  if (revert.kind === 'custom') return revert.error
  if (revert.kind === 'unknown') return `error ${revert.selector}`
  return 'no reason given'
}
