import { type ErrorOptions, errorText, MillraceError } from '@millrace/base'
import { BaseError, ContractFunctionRevertedError, HttpRequestError, RpcRequestError, TimeoutError } from 'viem'
import { decodeRevert, type Revert, revertText } from './revert.ts'

/**
 * A failure between this node and an Ethereum RPC, or a refusal by a contract.
 * A refusal is `reverted`; `meta.kind` says how (see Revert), `meta.reason` why, `meta.args` the arguments of a contract's own error.
 */
export class ChainError extends MillraceError {
  constructor(code: ChainErrorCode, message: string, options: ErrorOptions = {}) {
    super(code, message, options)
    this.name = 'ChainError'
  }
}

export type ChainErrorCode =
  | 'rpc_unreachable'
  | 'rpc_rate_limited'
  | 'rpc_refused'
  | 'bad_rpc_url'
  | 'bad_price_feed'
  | 'wrong_chain_id'
  | 'no_contract'
  | 'reverted'
  | 'transaction_failed'
  | 'transaction_unconfirmed'
  | 'gas_price_too_high'
  | 'test_key_on_real_network'
  | 'keystore_unreadable'
  | 'not_found'
  | 'wrong_secret'
  | 'reorg_too_deep'

/** Turns what viem throws into a ChainError with a stable code; revert reasons are kept verbatim. */
export function chainError(cause: unknown, what: string): ChainError {
  if (cause instanceof ChainError) return cause
  if (cause instanceof BaseError) {
    const known = cause.walk((e) => e instanceof ChainError)
    if (known instanceof ChainError) {
      const { code, message, retryable, meta } = known
      return new ChainError(code as ChainErrorCode, `${what}: ${message}`, { cause: known, retryable, meta })
    }
    const reverted = cause.walk((e) => e instanceof ContractFunctionRevertedError)
    if (reverted instanceof ContractFunctionRevertedError) return refusal(revertOf(reverted), what, cause)
    if (cause.walk((e) => e instanceof HttpRequestError || e instanceof TimeoutError))
      return new ChainError('rpc_unreachable', `${what}: the Ethereum RPC does not answer: check --eth-url`, {
        cause,
        retryable: true,
      })
    const refused = cause.walk((e) => e instanceof RpcRequestError)
    if (refused instanceof RpcRequestError) {
      const reason = /revert(?:ed)?(?: with reason string)?:? ?['"]?([^'"]*)/i.exec(refused.details)?.[1]
      if (reason !== undefined)
        return refusal(reason === '' ? { kind: 'empty' } : { kind: 'reason', reason }, what, cause)
      return new ChainError('rpc_refused', `${what}: the Ethereum RPC answered: ${refused.details}`, {
        cause,
        retryable: true,
      })
    }
  }
  return new ChainError('rpc_refused', `${what}: ${errorText(cause)}`, { cause, retryable: true })
}

function refusal(revert: Revert, what: string, cause: unknown): ChainError {
  const reason = revertText(revert)
  const args = revert.kind === 'custom' && revert.args.length > 0 ? { args: revert.args.join(', ') } : {}
  return new ChainError('reverted', `${what}: the contract refused: ${reason}`, {
    cause,
    meta: { kind: revert.kind, reason, ...args },
  })
}

/** What viem knows by the ABI of the call counts; behind a proxy another contract may have refused. */
function revertOf({ data, raw, reason }: ContractFunctionRevertedError): Revert {
  if (data && data.errorName !== 'Error' && data.errorName !== 'Panic')
    return { kind: 'custom', error: data.errorName, args: (data.args ?? []).map(String) }
  if (raw && raw !== '0x') return decodeRevert(raw)
  return !reason || reason === 'execution reverted' ? { kind: 'empty' } : { kind: 'reason', reason }
}
