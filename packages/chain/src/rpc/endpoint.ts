import { type Clock, withTimeout } from '@millrace/base'
import { BaseError, HttpRequestError, http } from 'viem'
import { noAnswer, TooManyRequests } from './failure.ts'

export type RpcBody = { readonly method: string; readonly params?: unknown }
/** `batched` joins requests of one moment into one HTTP request. */
export type RpcMode = 'single' | 'batched'
export type RpcReply = {
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown }
}

type RawRequest = (body: RpcBody, options?: { readonly signal: AbortSignal }) => Promise<RpcReply>

/** One Ethereum RPC, and what this node has seen of it. */
export class RpcEndpoint {
  readonly url: string
  /** Scheme, host and port: the rest of an RPC's URL is often a secret. */
  readonly origin: string
  /** Undefined until it was asked. */
  chainId: number | undefined
  /** True when it serves another chain; it is never asked again. */
  foreign = false
  readonly #timeoutMs: number
  readonly #clock: Clock
  readonly #single: RawRequest
  readonly #batched: RawRequest
  #restsUntil = Number.NEGATIVE_INFINITY
  #rested = Number.NEGATIVE_INFINITY
  #strikes = 0
  #lastError: string | undefined

  constructor(options: { readonly url: string; readonly timeoutMs: number }, deps: { readonly clock: Clock }) {
    this.url = options.url
    this.origin = originOf(options.url)
    this.#timeoutMs = options.timeoutMs
    this.#clock = deps.clock
    const open = (batch: false | { readonly batchSize: number }): RawRequest =>
      http(options.url, { raw: true, retryCount: 0, batch, onFetchResponse: refuseLimits })({
        timeout: options.timeoutMs,
      }).request as unknown as RawRequest
    this.#single = open(false)
    this.#batched = open({ batchSize: 500 })
  }

  get restsUntil(): number {
    return this.#restsUntil
  }

  get lastError(): string | undefined {
    return this.#lastError
  }

  get usable(): boolean {
    return !this.foreign && this.#clock.elapsed() >= this.#restsUntil
  }

  /** Sends one request; gives the reply as it came, also one that says no. Throws when there is none that can be read. */
  async request(body: RpcBody, mode: RpcMode): Promise<RpcReply> {
    const options = { timeoutMs: this.#timeoutMs, what: body.method }
    // viem's own time-out ends with the headers: a body that never comes would be waited for for ever.
    const reply = await withTimeout(
      ({ signal }) => (mode === 'batched' ? this.#batched(body) : this.#single(body, { signal })),
      options,
    )
    if (!isReply(reply)) throw noAnswer()
    return reply
  }

  /**
   * Leaves it alone for `ms`, or for a time that doubles with every failure from `firstMs` on up to `longestMs`.
   * `askedAt` is when the request began: requests that fail together count as one failure.
   */
  rest(
    error: unknown,
    pause: {
      readonly askedAt: number
      readonly ms?: number | undefined
      readonly firstMs: number
      readonly longestMs: number
    },
  ): void {
    if (pause.askedAt <= this.#rested) return
    const grown = Math.min(pause.longestMs, pause.firstMs * 2 ** Math.min(20, this.#strikes++))
    this.#rested = this.#clock.elapsed()
    this.#restsUntil = this.#rested + (pause.ms ?? grown)
    this.#lastError = withoutUrl(error)
  }

  /** It has answered. Returns true when it had failed before. */
  answered(): boolean {
    const wasDown = this.#strikes > 0
    this.#strikes = 0
    this.#lastError = undefined
    return wasDown
  }
}

function isReply(reply: unknown): reply is RpcReply {
  if (typeof reply !== 'object' || reply === null) return false
  const { result, error } = reply as RpcReply
  if (error === undefined || error === null) return result !== undefined
  return typeof error.code === 'number' && typeof error.message === 'string'
}

function originOf(url: string): string {
  try {
    return new URL(url).origin
  } catch {
    return '(not a URL)'
  }
}

function refuseLimits(response: Response): void {
  if (response.status === 429) throw new TooManyRequests(response.headers.get('retry-after'))
}

/** viem's messages hold the URL with its secrets. */
function withoutUrl(error: unknown): string {
  if (error instanceof HttpRequestError && error.cause instanceof TooManyRequests) return error.cause.message
  if (error instanceof HttpRequestError) return error.status ? `HTTP status ${error.status}` : 'no answer over HTTP'
  if (error instanceof BaseError) return error.shortMessage
  return error instanceof Error ? error.message : 'unknown'
}
