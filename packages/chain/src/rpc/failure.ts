import { BaseError, HttpRequestError, RpcRequestError, TimeoutError } from 'viem'
import { ChainError } from '../errors.ts'

/**
 * What an Ethereum RPC's failure means for the next request.
 * `answer`: the RPC has answered, every other would say the same. `behind`: it does not have the block yet.
 * `limited`: it has had enough of us. `broken`: it gave no answer, or none that can be read.
 */
export type RpcFailure =
  | { readonly kind: 'answer' }
  | { readonly kind: 'behind' }
  | { readonly kind: 'broken' }
  | { readonly kind: 'limited'; readonly waitMs: number | undefined }

/** An HTTP answer of status 429, whatever its body is. */
export class TooManyRequests extends Error {
  readonly retryAfter: string | null

  constructor(retryAfter: string | null) {
    super('HTTP status 429')
    this.retryAfter = retryAfter
  }
}

/** Codes of JSON-RPC replies that mean "too many requests": EIP-1474, and the HTTP status that some providers put there. */
const LIMIT_CODES = new Set([-32005, 429])
const LIMIT_TEXTS = /rate.?limit|too many requests|(exceeded|over).{0,40}(capacity|quota|throughput|compute units)/i
const BEHIND_TEXTS = /header not found|(unknown|missing) block|block not found|missing trie node/i
const LONGEST_WAIT_MS = 10 * 60_000

/** Tells what a failed request means; `nowMs` turns the date of a Retry-After header into a time to wait. */
export function rpcFailure(error: unknown, nowMs: number): RpcFailure {
  const find = <T>(type: abstract new (...args: never[]) => T): T | undefined =>
    error instanceof BaseError ? ((error.walk((e) => e instanceof type) as T | null) ?? undefined) : undefined
  const limited = find(TooManyRequests)
  if (limited) return { kind: 'limited', waitMs: retryAfterMs(limited.retryAfter, nowMs) }
  if (find(HttpRequestError) || find(TimeoutError)) return { kind: 'broken' }
  const refused = find(RpcRequestError)
  if (refused) {
    if (LIMIT_CODES.has(refused.code) || LIMIT_TEXTS.test(refused.details))
      return { kind: 'limited', waitMs: undefined }
    return BEHIND_TEXTS.test(refused.details) ? { kind: 'behind' } : { kind: 'answer' }
  }
  // What is left is a reply that is no JSON-RPC, an HTML page for example.
  return { kind: 'broken' }
}

/** Seconds or a date (RFC 9110, section 10.2.3), as a time to wait; a stranger's number is not believed without limit. */
function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (!header) return undefined
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowMs
  return Number.isFinite(ms) ? Math.min(LONGEST_WAIT_MS, Math.max(0, ms)) : undefined
}

/** True when an RPC says that it has this very transaction: for who sent it a second time, that is success. */
export const isAlreadyKnown = (error: unknown): boolean =>
  error instanceof RpcRequestError && /already (known|imported|exists)|known transaction/i.test(error.details)

/** A reply that is JSON, but no answer to the request. */
export const noAnswer = (): ChainError =>
  new ChainError('rpc_unreachable', 'the Ethereum RPC answered with something that is no JSON-RPC', { retryable: true })
