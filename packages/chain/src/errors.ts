import { type ErrorOptions, errorText, MillraceError } from '@millrace/base'
import { BaseError, ContractFunctionRevertedError, HttpRequestError, RpcRequestError, TimeoutError } from 'viem'

/** A failure between this node and an Ethereum RPC, or a refusal by a contract (`reverted`, with the reason in `meta.reason`). */
export class ChainError extends MillraceError {
  constructor(code: ChainErrorCode, message: string, options: ErrorOptions = {}) {
    super(code, message, options)
    this.name = 'ChainError'
  }
}

export type ChainErrorCode =
  | 'rpc_unreachable'
  | 'rpc_refused'
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

/** Turns what viem throws into a ChainError with a stable code; revert reasons are kept verbatim. */
export function chainError(cause: unknown, what: string): ChainError {
  if (cause instanceof ChainError) return cause
  if (cause instanceof BaseError) {
    const reverted = cause.walk((e) => e instanceof ContractFunctionRevertedError)
    if (reverted instanceof ContractFunctionRevertedError) {
      const reason = reverted.reason ?? reverted.data?.errorName ?? reverted.shortMessage
      return new ChainError('reverted', `${what}: the contract refused: ${reason}`, { cause, meta: { reason } })
    }
    if (cause.walk((e) => e instanceof HttpRequestError || e instanceof TimeoutError))
      return new ChainError('rpc_unreachable', `${what}: the Ethereum RPC does not answer: check --eth-url`, {
        cause,
        retryable: true,
      })
    const refused = cause.walk((e) => e instanceof RpcRequestError)
    if (refused instanceof RpcRequestError) {
      const reason = /revert(?:ed)?(?: with reason string)?:? ?['"]?([^'"]*)/i.exec(refused.details)?.[1]
      if (reason !== undefined)
        return new ChainError('reverted', `${what}: the contract refused: ${reason}`, { cause, meta: { reason } })
      return new ChainError('rpc_refused', `${what}: the Ethereum RPC answered: ${refused.details}`, {
        cause,
        retryable: true,
      })
    }
  }
  return new ChainError('rpc_refused', `${what}: ${errorText(cause)}`, { cause, retryable: true })
}
