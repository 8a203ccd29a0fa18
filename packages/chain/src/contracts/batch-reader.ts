import { type Abi, createPublicClient, type PublicClient } from 'viem'
import { type ChainClient, getHead } from '../client.ts'
import { chainError } from '../errors.ts'
import type { At } from './read.ts'

/** One call of a view function among many. */
export type BatchCall = {
  readonly address: `0x${string}`
  readonly abi: Abi
  readonly functionName: string
  readonly args?: readonly unknown[]
}

/** What many calls gave, all at the same block. */
export type BatchResult = { readonly block: bigint; readonly results: readonly unknown[] }

/** Where Multicall3 is on the chains that have it. */
export const MULTICALL3 = '0xca11bde05977b3631167028862be2a173976ca11'

/**
 * Reads many view functions in one request and at one block: through Multicall3 where the chain has it, as a JSON-RPC batch elsewhere.
 * One call that fails fails all.
 */
export class BatchReader {
  readonly #client: ChainClient
  readonly #batching: PublicClient
  #multicall: Promise<boolean> | undefined

  constructor(deps: { readonly client: ChainClient }) {
    this.#client = deps.client
    this.#batching = createPublicClient({
      chain: deps.client.rpc.chain,
      transport: deps.client.pool.transport('batched'),
    })
  }

  async read(calls: readonly BatchCall[], at: At = {}): Promise<BatchResult> {
    const block = at.block ?? (await getHead(this.#client)).chainNumber
    try {
      return { block, results: await this.#readAt(calls, block) }
    } catch (cause) {
      throw chainError(cause, `reading ${calls.length} values`)
    }
  }

  async #readAt(calls: readonly BatchCall[], blockNumber: bigint): Promise<readonly unknown[]> {
    if (!(await this.#hasMulticall()))
      return Promise.all(calls.map((call) => this.#batching.readContract({ ...call, blockNumber } as never)))
    return this.#client.rpc.multicall({
      contracts: calls as never,
      multicallAddress: MULTICALL3,
      allowFailure: false,
      blockNumber,
    })
  }

  #hasMulticall(): Promise<boolean> {
    this.#multicall ??= this.#client.rpc.getCode({ address: MULTICALL3 }).then(
      (code) => code !== undefined && code !== '0x',
      (error) => {
        this.#multicall = undefined
        throw error
      },
    )
    return this.#multicall
  }
}
