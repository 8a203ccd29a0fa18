import { type Log, MillraceError, type Wei } from '@millrace/base'
import type { Address } from '@millrace/wire'
import {
  type Abi,
  type Account,
  createWalletClient,
  encodeFunctionData,
  type Hash,
  http,
  type TransactionReceipt,
  type WalletClient,
} from 'viem'
import type { ChainClient } from '../client.ts'
import { ChainError, chainError } from '../errors.ts'

/** A contract call that changes state. */
export type TxCall = {
  readonly address: Address
  readonly abi: Abi
  readonly functionName: string
  readonly args: readonly unknown[]
  readonly value?: Wei
}

export type TxResult = { readonly hash: Hash; readonly receipt: TransactionReceipt }

export type TxSenderOptions = {
  /** Transactions wait while the network asks more than this for gas; undefined means any price. */
  readonly maxGasPriceWei?: Wei
  /** How long a transaction may stay unconfirmed before it is replaced with a higher price. */
  readonly timeoutMs?: number
  readonly maxReplacements?: number
}

/**
 * Sends transactions of one account, one after the other, so that nonces never collide.
 * A transaction that stays unconfirmed is replaced at 11 % more gas price; a mined failure throws `transaction_failed`.
 */
export class TxSender {
  readonly account: Account
  readonly #client: ChainClient
  readonly #wallet: WalletClient
  readonly #options: TxSenderOptions
  readonly #log: Log
  #queue: Promise<unknown> = Promise.resolve()
  #nextNonce = 0

  constructor(
    options: TxSenderOptions & { readonly account: Account },
    deps: { readonly client: ChainClient; readonly log: Log },
  ) {
    this.account = options.account
    this.#options = options
    this.#client = deps.client
    this.#log = deps.log
    this.#wallet = createWalletClient({
      account: options.account,
      chain: deps.client.rpc.chain,
      transport: http(deps.client.url, { retryCount: 2, timeout: 10_000 }),
    })
  }

  get address(): Address {
    return this.account.address.toLowerCase() as Address
  }

  /** Simulates, signs, sends and waits for the receipt. */
  send(
    call: TxCall,
    options: { readonly signal?: AbortSignal | undefined; readonly onSubmitted?: (hash: Hash) => void } = {},
  ): Promise<TxResult> {
    const run = this.#queue.then(() => this.#send(call, options))
    this.#queue = run.catch(() => undefined)
    return run
  }

  async #send(
    call: TxCall,
    options: { readonly signal?: AbortSignal | undefined; readonly onSubmitted?: (hash: Hash) => void },
  ): Promise<TxResult> {
    const { rpc } = this.#client
    const what = `sending ${call.functionName}`
    options.signal?.throwIfAborted()
    let request: { to: Address; data: `0x${string}`; value: bigint; gas: bigint }
    let nonce: number
    let gasPrice: bigint
    try {
      // The simulation gives the revert reason, which a receipt does not.
      await rpc.simulateContract({ ...call, account: this.account } as never)
      const data = encodeFunctionData({ abi: call.abi, functionName: call.functionName, args: call.args } as never)
      const estimated = await rpc.estimateGas({
        account: this.account,
        to: call.address,
        data,
        ...(call.value === undefined ? {} : { value: call.value }),
      })
      request = { to: call.address, data, value: call.value ?? 0n, gas: estimated + estimated / 4n }
      const remote = await rpc.getTransactionCount({ address: this.account.address, blockTag: 'pending' })
      nonce = Math.max(this.#nextNonce, remote)
      gasPrice = await rpc.getGasPrice()
    } catch (cause) {
      throw chainError(cause, what)
    }
    this.#checkGasPrice(gasPrice)
    const { timeoutMs = 5 * 60_000, maxReplacements = 1 } = this.#options
    const hashes: Hash[] = []
    for (let attempt = 0; ; attempt++) {
      try {
        const hash = await this.#wallet.sendTransaction({
          ...request,
          account: this.account,
          chain: rpc.chain,
          nonce,
          gasPrice,
          type: 'legacy',
        })
        hashes.push(hash)
        this.#nextNonce = nonce + 1
        options.onSubmitted?.(hash)
      } catch (cause) {
        // A replacement may lose to the original that was mined meanwhile: then the receipt is still to be found.
        if (hashes.length === 0) {
          this.#nextNonce = 0
          throw chainError(cause, what)
        }
      }
      const receipt = await this.#receipt(hashes, timeoutMs, options.signal)
      if (receipt) {
        if (receipt.status !== 'success')
          throw new ChainError(
            'transaction_failed',
            `${what}: transaction ${receipt.transactionHash} failed on chain`,
            {
              meta: { hash: receipt.transactionHash },
            },
          )
        return { hash: receipt.transactionHash, receipt }
      }
      if (attempt >= maxReplacements)
        throw new ChainError('transaction_unconfirmed', `${what}: not confirmed after ${attempt + 1} tries`, {
          retryable: true,
          meta: { hash: hashes.at(-1) },
        })
      gasPrice = (gasPrice * 111n + 99n) / 100n
      this.#checkGasPrice(gasPrice)
      this.#log.warn('replacing a transaction that is not confirmed', { call: call.functionName, nonce, gasPrice })
    }
  }

  #checkGasPrice(gasPrice: bigint): void {
    const max = this.#options.maxGasPriceWei
    if (max !== undefined && gasPrice > max)
      throw new ChainError('gas_price_too_high', `gas costs ${gasPrice} wei, more than the maximum of ${max}`, {
        retryable: true,
      })
  }

  async #receipt(
    hashes: readonly Hash[],
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<TransactionReceipt | undefined> {
    const deadline = Date.now() + timeoutMs
    const pollMs = this.#client.chainId === 31337 ? 100 : 1_000
    for (;;) {
      for (const hash of hashes) {
        try {
          const receipt = await this.#client.rpc.getTransactionReceipt({ hash })
          if (receipt) return receipt
        } catch {
          // Not mined yet, or the RPC hiccups: both are met by asking again until the deadline.
        }
      }
      if (signal?.aborted)
        throw new MillraceError('aborted', 'stopped while waiting for a transaction', {
          retryable: true,
          cause: signal.reason,
        })
      if (Date.now() >= deadline) return undefined
      await new Promise((resolve) => setTimeout(resolve, pollMs))
    }
  }
}
