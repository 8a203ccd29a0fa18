import { ChainError, chainError } from '@millrace/chain'
import type { Address } from '@millrace/wire'
import {
  type Abi,
  type Account,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  createPublicClient,
  createWalletClient,
  encodeFunctionData,
  type Hash,
  http,
  type PublicClient,
} from 'viem'
import { receiptOf } from './receipt.ts'

/** A transaction of the relayer. */
export type RelayTx = {
  readonly address: Address
  readonly abi: Abi
  readonly functionName: string
  readonly args: readonly unknown[]
  readonly value?: bigint
  /** Estimated if left out, which also tells why it would fail. */
  readonly gas?: bigint
}

/** One of the two chains, as the relayer reads it and writes to it. */
export class ChainEnd {
  readonly rpc: PublicClient
  readonly #url: string
  readonly #account: Account

  constructor(url: string, account: Account) {
    this.#url = url
    this.#account = account
    this.rpc = createPublicClient({ transport: http(url, { retryCount: 0 }), pollingInterval: 50, cacheTime: 0 })
  }

  get account(): Address {
    return this.#account.address.toLowerCase() as Address
  }

  async read<const abi extends Abi, name extends ContractFunctionName<abi, 'view' | 'pure'>>(
    what: string,
    call: {
      address: Address
      abi: abi
      functionName: name
      args?: ContractFunctionArgs<abi, 'view' | 'pure', name>
      blockNumber?: bigint
    },
  ): Promise<ContractFunctionReturnType<abi, 'view' | 'pure', name>> {
    return this.ask(what, () => this.rpc.readContract(call as never)) as never
  }

  /** Asks the chain; what fails is a ChainError with a code. */
  async ask<T>(what: string, question: () => Promise<T>): Promise<T> {
    try {
      return await question()
    } catch (cause) {
      throw chainError(cause, what)
    }
  }

  /** Sends a transaction and waits for it; throws `reverted` when it would fail or failed. */
  async send(what: string, tx: RelayTx, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Hash> {
    const { address: to, functionName, args, value = 0n } = tx
    const data = encodeFunctionData({ abi: tx.abi, functionName, args })
    const wallet = createWalletClient({ transport: http(this.#url, { retryCount: 0 }), account: this.#account })
    const gas =
      tx.gas ?? (await this.ask(what, () => this.rpc.estimateGas({ account: this.#account, to, data, value })))
    // One price instead of two: estimates of tips go wrong on chains without a base fee.
    const gasPrice = await this.ask(what, () => this.rpc.getGasPrice())
    signal?.throwIfAborted()
    const hash = await this.ask(what, () =>
      wallet.sendTransaction({ account: this.#account, chain: null, to, data, value, gas, gasPrice }),
    )
    const receipt = await this.ask(what, () => receiptOf(this.rpc, hash))
    if (receipt.status !== 'success')
      throw new ChainError('reverted', `${what}: transaction ${hash} was mined and failed`, { meta: { hash } })
    return hash
  }
}
