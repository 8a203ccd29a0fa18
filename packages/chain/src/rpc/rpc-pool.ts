import { type Clock, type Log, systemClock } from '@millrace/base'
import { createTransport, type Hex, keccak256, RpcRequestError, type Transport } from 'viem'
import { ChainError } from '../errors.ts'
import { type RpcBody, RpcEndpoint, type RpcMode, type RpcReply } from './endpoint.ts'
import { isAlreadyKnown, rpcFailure } from './failure.ts'
import { Freshness } from './freshness.ts'

export type RpcPoolOptions = {
  /** In the order of preference. */
  readonly urls: readonly string[]
  /** The chain that all must serve; undefined means that of the first that answers. */
  readonly chainId?: number | undefined
  /** How long one RPC may take for one request. */
  readonly timeoutMs?: number
  /** How long a request waits for any RPC to be fit again. */
  readonly patienceMs?: number
  /** An RPC whose latest block is this much older than what another has shown counts as stale. */
  readonly maxLagMs?: number
  /** Without a new block for so long, the other RPCs are asked whether they have one. */
  readonly stallMs?: number
}

/** How one RPC of a pool is doing. */
export type RpcState = {
  readonly origin: string
  readonly state: 'ok' | 'resting' | 'wrong_chain'
  /** Milliseconds since the epoch; absent unless it rests. */
  readonly restsUntil?: number
  readonly error?: string
}

const BROKEN = { firstMs: 500, longestMs: 5 * 60_000 }
/** Where there is no other RPC, waiting longer helps nobody. */
const BROKEN_ALONE = { firstMs: 250, longestMs: 1_000 }
const LIMITED = { firstMs: 1_000, longestMs: 60_000 }
const STALE = { firstMs: 5_000, longestMs: 60_000 }

/**
 * Several Ethereum RPCs of one chain as one: the first that is fit answers, the others stand in.
 * One that limits requests is left alone as long as it asks, one that breaks, lags behind or sends something else than JSON-RPC
 * for a time that grows; one of another chain for ever. What a contract or the chain refuses is an answer and goes to the caller.
 */
export class RpcPool {
  readonly #endpoints: readonly RpcEndpoint[]
  readonly #clock: Clock
  readonly #log: Log | undefined
  readonly #patienceMs: number
  readonly #freshness: Freshness
  #chainId: number | undefined

  constructor(options: RpcPoolOptions, deps: { readonly log?: Log | undefined; readonly clock?: Clock } = {}) {
    const { urls, timeoutMs = 10_000, patienceMs = 5_000, maxLagMs = 30_000, stallMs = 60_000 } = options
    if (urls.length === 0) throw new ChainError('bad_rpc_url', 'no Ethereum RPC is named: give at least one URL')
    const clock = deps.clock ?? systemClock
    this.#endpoints = urls.map((url) => new RpcEndpoint({ url, timeoutMs }, { clock }))
    this.#clock = clock
    this.#log = deps.log
    this.#patienceMs = patienceMs
    this.#chainId = options.chainId
    this.#freshness = new Freshness({ maxLagMs, stallMs }, { clock })
  }

  states(): readonly RpcState[] {
    return this.#endpoints.map(({ origin, foreign, usable, restsUntil, lastError }) => ({
      origin,
      state: foreign ? 'wrong_chain' : usable ? 'ok' : 'resting',
      ...(!foreign && !usable && { restsUntil }),
      ...(lastError !== undefined && { error: lastError }),
    }))
  }

  /** The pool as viem wants it. Retries are the pool's own. */
  transport(mode: RpcMode = 'single'): Transport {
    const request = (body: RpcBody) => this.request(body, { mode })
    return () =>
      createTransport({ key: 'pool', name: 'RPC pool', type: 'pool', retryCount: 0, request: request as never })
  }

  /** Asks until one RPC has answered; throws its refusal, or `rpc_unreachable`, `rpc_rate_limited` or `wrong_chain_id`. */
  async request(
    body: RpcBody,
    options: { readonly mode?: RpcMode; readonly patienceMs?: number } = {},
  ): Promise<unknown> {
    const { mode = 'single', patienceMs = this.#patienceMs } = options
    const deadline = this.#clock.elapsed() + patienceMs
    for (let failure: unknown; ; ) {
      const round = await this.#askAround(body, mode)
      if ('result' in round) return round.result
      failure = round.failure ?? failure
      const next = Math.min(...this.#endpoints.filter((e) => !e.foreign).map((e) => e.restsUntil))
      if (!Number.isFinite(next) || next > deadline) throw this.#giveUp(failure)
      await this.#clock.sleep(Math.max(1, next - this.#clock.elapsed()))
    }
  }

  /** Every RPC that is fit, one after the other, until one has answered. */
  async #askAround(body: RpcBody, mode: RpcMode): Promise<{ result: unknown } | { failure: unknown }> {
    const alone = this.#endpoints.length === 1
    const old: { endpoint: RpcEndpoint; result: unknown; timestampMs: number }[] = []
    let failure: unknown
    for (const endpoint of this.#endpoints) {
      if (!endpoint.usable) continue
      const askedAt = this.#clock.elapsed()
      try {
        const result = await this.#ask(endpoint, body, mode)
        const seen = this.#freshness.judge(body, result)
        if (seen.state === 'none' || seen.state === 'fresh') {
          for (const other of old)
            this.#rest(other.endpoint, staleBlock(), { ...STALE, askedAt: this.#clock.elapsed() })
          return { result }
        }
        old.push({ endpoint, result, timestampMs: seen.timestampMs })
      } catch (error) {
        const meaning = rpcFailure(error, this.#clock.now())
        if (meaning.kind === 'answer') throw error
        failure = error
        if (meaning.kind === 'behind') continue
        const pause = alone ? BROKEN_ALONE : BROKEN
        this.#rest(
          endpoint,
          error,
          meaning.kind === 'limited' ? { ...LIMITED, ms: meaning.waitMs, askedAt } : { ...pause, askedAt },
        )
      }
    }
    const newest = old.sort((a, b) => b.timestampMs - a.timestampMs)[0]
    if (!newest) return { failure }
    // Nobody has anything newer: the chain itself stands still, or went back.
    this.#freshness.accept(newest.timestampMs)
    return { result: newest.result }
  }

  async #ask(endpoint: RpcEndpoint, body: RpcBody, mode: RpcMode): Promise<unknown> {
    if (endpoint.chainId === undefined) await this.#checkChain(endpoint)
    if (body.method === 'eth_chainId') return `0x${endpoint.chainId?.toString(16)}`
    try {
      return this.#resultOf(endpoint, await endpoint.request(body, mode), body)
    } catch (error) {
      if (body.method === 'eth_sendRawTransaction' && isAlreadyKnown(error)) return keccak256((body.params as [Hex])[0])
      throw error
    }
  }

  async #checkChain(endpoint: RpcEndpoint): Promise<void> {
    const body = { method: 'eth_chainId' }
    const chainId = Number(this.#resultOf(endpoint, await endpoint.request(body, 'single'), body))
    this.#chainId ??= chainId
    endpoint.chainId = chainId
    if (chainId === this.#chainId) return
    endpoint.foreign = true
    const error = new ChainError(
      'wrong_chain_id',
      `the RPC at ${endpoint.origin} is chain ${chainId}, this network is chain ${this.#chainId}: pass the --eth-url of the right chain`,
      { meta: { expected: this.#chainId, actual: chainId } },
    )
    this.#log?.warn('an Ethereum RPC is left out', { rpc: endpoint.origin, error: error.message })
    throw error
  }

  #resultOf(endpoint: RpcEndpoint, reply: RpcReply, body: RpcBody): unknown {
    const refusal = reply.error && new RpcRequestError({ body: body as never, error: reply.error, url: endpoint.url })
    const limited = refusal && rpcFailure(refusal, this.#clock.now()).kind === 'limited'
    if (!limited && endpoint.answered()) this.#log?.info('an Ethereum RPC answers again', { rpc: endpoint.origin })
    if (refusal) throw refusal
    return reply.result
  }

  #rest(endpoint: RpcEndpoint, error: unknown, pause: Parameters<RpcEndpoint['rest']>[1]): void {
    if (endpoint.foreign) return
    const known = endpoint.lastError !== undefined
    endpoint.rest(error, pause)
    if (known) return
    this.#log?.warn('an Ethereum RPC is left alone for a while', {
      rpc: endpoint.origin,
      ms: endpoint.restsUntil - this.#clock.elapsed(),
      error: endpoint.lastError,
    })
  }

  /** What to throw when nobody could be asked: the last failure, or what put the first RPC to rest. */
  #giveUp(failure: unknown): unknown {
    if (failure instanceof ChainError && failure.code === 'wrong_chain_id') return failure
    const kind = failure === undefined ? 'broken' : rpcFailure(failure, this.#clock.now()).kind
    if (kind === 'behind') return failure
    const all = this.#endpoints.map(({ origin }) => origin).join(', ')
    const why = this.#endpoints.map(({ origin, lastError }) => `${origin}: ${lastError ?? 'not asked'}`).join('; ')
    const [code, text] =
      kind === 'limited'
        ? ([
            'rpc_rate_limited',
            `too many requests for ${all}: name another RPC with --eth-url, or ask less often`,
          ] as const)
        : (['rpc_unreachable', `no Ethereum RPC answers at ${all}: check --eth-url`] as const)
    return new ChainError(code, `${text} (${why})`, { retryable: true })
  }
}

const staleBlock = (): ChainError => new ChainError('rpc_unreachable', 'its latest block is old', { retryable: true })
