import { errorText, type Log, MillraceError, type Wei } from '@millrace/base'
import type { Address } from '@millrace/wire'
import {
  type Abi,
  type Account,
  BaseError,
  createWalletClient,
  encodeFunctionData,
  type Hash,
  type Hex,
  type TransactionReceipt,
  type WalletClient,
} from 'viem'
import type { ChainClient } from '../client.ts'
import { ChainError, chainError } from '../errors.ts'
import { decodeRevert, revertText } from '../revert.ts'
import { transactionState } from './wait-for-receipt.ts'

/** A contract call that changes state. */
export type TxCall = {
  readonly address: Address
  readonly abi: Abi
  readonly functionName: string
  readonly args: readonly unknown[]
  readonly value?: Wei
}

export type TxResult = { readonly hash: Hash; readonly receipt: TransactionReceipt }

type Submitted = {
  readonly what: string
  readonly request: {
    readonly to: Address
    readonly data: Hex
    readonly value: bigint
    readonly gas: bigint
    readonly nonce: number
  }
  gasPrice: bigint
  readonly hashes: Hash[]
}

export type TxSenderOptions = {
  /** Transactions wait while the network asks more than this for gas; undefined means any price. */
  readonly maxGasPriceWei?: Wei
  /** Offered where the network asks less. */
  readonly minGasPriceWei?: Wei
  /** How long a transaction may stay unconfirmed before it is replaced with a higher price. */
  readonly timeoutMs?: number
  readonly maxReplacements?: number
  /** The gas that every transaction may use; a quarter more than is estimated when undefined. */
  readonly gasLimit?: bigint
}

export type SendOptions = {
  /** Ends the waiting; what was sent may still be mined. */
  readonly signal?: AbortSignal | undefined
  /** Told as soon as the transaction is on its way. */
  readonly onSubmitted?: (hash: Hash) => void
  /** How often this transaction may be replaced, when not as often as others of this sender. */
  readonly maxReplacements?: number
}

/**
 * Sends transactions of one account, one after the other, so that nonces never collide.
 * A transaction that the network loses is sent again; one that stays unconfirmed is replaced at 11 % more gas price, or at what
 * the network asks by then, up to the maximum.
 * A mined failure throws `transaction_failed`, with the reason where the chain still tells it.
 */
export class TxSender {
  readonly account: Account
  readonly #client: ChainClient
  readonly #wallet: WalletClient
  #options: TxSenderOptions
  readonly #log: Log
  #queue: Promise<unknown> = Promise.resolve()
  #nextNonce = 0
  #lastHash: Hash | undefined

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
      transport: deps.client.pool.transport(),
    })
  }

  get address(): Address {
    return this.account.address.toLowerCase() as Address
  }

  /** What is offered for gas, in wei; undefined for no bound. */
  get gasPriceBounds(): Pick<TxSenderOptions, 'minGasPriceWei' | 'maxGasPriceWei'> {
    return this.#options
  }

  /** Changes what is offered for gas from now on; a bound that is named and undefined is taken away. */
  setGasPriceBounds(bounds: {
    readonly minGasPriceWei?: Wei | undefined
    readonly maxGasPriceWei?: Wei | undefined
  }): void {
    const { minGasPriceWei, maxGasPriceWei, ...rest } = { ...this.#options, ...bounds }
    this.#options = {
      ...rest,
      ...(minGasPriceWei === undefined ? {} : { minGasPriceWei }),
      ...(maxGasPriceWei === undefined ? {} : { maxGasPriceWei }),
    }
  }

  /** Simulates, signs, sends and waits for the receipt; the next transaction may be sent while this one is waited for. */
  send(call: TxCall, options: SendOptions = {}): Promise<TxResult> {
    const submitting = this.#queue.then(() => this.#submit(call, options))
    this.#queue = submitting.catch(() => undefined)
    return submitting.then((submitted) => this.#confirm(submitted, options))
  }

  async #submit(call: TxCall, options: SendOptions): Promise<Submitted> {
    const { rpc } = this.#client
    const what = `sending ${call.functionName}`
    options.signal?.throwIfAborted()
    try {
      // The simulation gives the revert reason, which a receipt does not.
      await rpc.simulateContract({ ...call, account: this.account } as never)
      const data = encodeFunctionData({ abi: call.abi, functionName: call.functionName, args: call.args } as never)
      const request = { to: call.address, data, value: call.value ?? 0n }
      const estimated = await rpc.estimateGas({ account: this.account, ...request })
      const asked = await rpc.getGasPrice()
      const { minGasPriceWei: floor = 0n } = this.#options
      const gasPrice = asked > floor ? asked : floor
      this.#checkGasPrice(gasPrice)
      const submitted = await this.#withFreeNonce(async (nonce) => {
        const one: Submitted = {
          what,
          request: { ...request, gas: this.#options.gasLimit ?? estimated + estimated / 4n, nonce },
          gasPrice,
          hashes: [],
        }
        await this.#broadcast(one)
        return one
      })
      this.#nextNonce = submitted.request.nonce + 1
      this.#lastHash = submitted.hashes[0]
      options.onSubmitted?.(submitted.hashes[0] as Hash)
      return submitted
    } catch (cause) {
      // Whatever the chain thinks of the nonce counts again after a failure.
      this.#nextNonce = 0
      throw chainError(cause, what)
    }
  }

  /** Another process with the same account may take a nonce at the same moment: the one that comes second takes the next. */
  async #withFreeNonce(send: (nonce: number) => Promise<Submitted>): Promise<Submitted> {
    for (let tries = 1; ; tries++) {
      try {
        return await send(await this.#nonce())
      } catch (error) {
        if (tries >= NONCE_TRIES || !isNonceTaken(error)) throw error
        this.#nextNonce = 0
        this.#log.debug('somebody else sends with this account', { tries, error: errorText(error).split('\n')[0] })
      }
    }
  }

  /** The RPC may lag behind what was sent; but a chain that has lost it, as after a reorganisation, is right. */
  async #nonce(): Promise<number> {
    const remote = await this.#client.rpc.getTransactionCount({
      address: this.account.address,
      blockTag: 'pending',
    })
    if (remote >= this.#nextNonce || !this.#lastHash) return remote
    return (await transactionState(this.#client, this.#lastHash)) === 'gone' ? remote : this.#nextNonce
  }

  async #confirm(submitted: Submitted, options: SendOptions): Promise<TxResult> {
    const { what, hashes } = submitted
    const { timeoutMs = 5 * 60_000 } = this.#options
    const maxReplacements = options.maxReplacements ?? this.#options.maxReplacements ?? 1
    for (let replacements = 0; ; replacements++) {
      const receipt = await this.#receipt(submitted, timeoutMs, options.signal)
      if (receipt?.status === 'success') return { hash: receipt.transactionHash, receipt }
      if (receipt) throw await this.#failure(submitted, receipt)
      if (replacements >= maxReplacements)
        throw new ChainError(
          'transaction_unconfirmed',
          `${what}: not confirmed after ${replacements + 1} tries, but it may still be mined: look for ${hashes.at(-1)}`,
          {
            retryable: true,
            meta: { hash: hashes.at(-1) },
          },
        )
      await this.#replace(submitted)
    }
  }

  /** Offers more for a transaction; where that would be too much, the old offer stands and may still be taken. */
  async #replace(submitted: Submitted): Promise<void> {
    const { what, request } = submitted
    // Nodes take a replacement only for a tenth more than before.
    const least = (submitted.gasPrice * 111n + 99n) / 100n
    const asked = await this.#askedGasPrice()
    const max = this.#options.maxGasPriceWei
    const wished = asked > least ? asked : least
    const gasPrice = max !== undefined && wished > max && least <= max ? max : wished
    if (max !== undefined && gasPrice > max) {
      this.#log.warn('a transaction is not confirmed, and more would be over the maximum', { what, gasPrice, max })
      return
    }
    this.#log.warn('replacing a transaction that is not confirmed', { what, nonce: request.nonce, gasPrice })
    try {
      await this.#broadcast({ ...submitted, gasPrice })
      submitted.gasPrice = gasPrice
    } catch (error) {
      // A replacement loses to an original that was mined meanwhile: its receipt is found in the next round.
      this.#log.debug('a replacement was not taken', { what, error: errorText(error) })
    }
  }

  /** What the network asks for gas now; nothing where it cannot be asked, since a replacement must not fail for that. */
  async #askedGasPrice(): Promise<bigint> {
    try {
      return await this.#client.rpc.getGasPrice()
    } catch {
      return 0n
    }
  }

  /** Why a mined transaction failed: the same call once more, in the state before its block. */
  async #failure({ what, request }: Submitted, receipt: TransactionReceipt): Promise<ChainError> {
    const { transactionHash: hash, blockNumber } = receipt
    for (const block of [blockNumber, blockNumber - 1n]) {
      try {
        const { to, data, value, gas } = request
        await this.#client.rpc.call({ account: this.account.address, to, data, value, gas, blockNumber: block })
      } catch (cause) {
        const error = cause instanceof BaseError ? cause.walk((e) => e instanceof Error && 'data' in e) : undefined
        const revert = decodeRevert((error as { data?: Hex } | undefined)?.data)
        if (revert.kind === 'empty') continue
        const reason = revertText(revert)
        return new ChainError('transaction_failed', `${what}: transaction ${hash} failed on chain: ${reason}`, {
          meta: { hash, kind: revert.kind, reason },
        })
      }
    }
    return new ChainError('transaction_failed', `${what}: transaction ${hash} failed on chain`, { meta: { hash } })
  }

  async #broadcast(submitted: Submitted): Promise<void> {
    const { chain } = this.#client.rpc
    const { request, gasPrice } = submitted
    const hash = await this.#wallet.sendTransaction({
      ...request,
      account: this.account,
      chain,
      gasPrice,
      type: 'legacy',
    })
    if (!submitted.hashes.includes(hash)) submitted.hashes.push(hash)
  }

  /** Sends a transaction again that the network has lost: the same one, so that it cannot be mined twice. */
  async #resendIfLost(submitted: Submitted): Promise<void> {
    for (const hash of submitted.hashes) if ((await transactionState(this.#client, hash)) !== 'gone') return
    const { what, request } = submitted
    this.#log.warn('sending a transaction again that the network has lost', { what, nonce: request.nonce })
    await this.#broadcast(submitted)
  }

  #checkGasPrice(gasPrice: bigint): void {
    const max = this.#options.maxGasPriceWei
    if (max !== undefined && gasPrice > max)
      throw new ChainError(
        'gas_price_too_high',
        `gas costs ${gasPrice} wei, more than the maximum of ${max}: wait, or raise --max-gas-price`,
        {
          retryable: true,
        },
      )
  }

  async #receipt(
    submitted: Submitted,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<TransactionReceipt | undefined> {
    const deadline = performance.now() + timeoutMs
    const pollMs = this.#client.chainId === 31337 ? 100 : 1_000
    for (let polls = 1; ; polls++) {
      for (const hash of submitted.hashes) {
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
      if (performance.now() >= deadline) return undefined
      if (polls % LOST_CHECK_POLLS === 0) {
        try {
          await this.#resendIfLost(submitted)
        } catch (error) {
          this.#log.debug('a lost transaction could not be sent again', { error: errorText(error) })
        }
      }
      await new Promise((resolve) => setTimeout(resolve, pollMs))
    }
  }
}

/** How often a nonce is taken anew when another process was quicker. */
const NONCE_TRIES = 8

/** What nodes say of a nonce that is used, or that another transaction waits with. */
const isNonceTaken = (error: unknown): boolean =>
  error instanceof BaseError && /nonce too low|replacement transaction underpriced/i.test(error.message)

/** Nodes behind one address may know a new transaction a little later than the one that took it. */
const LOST_CHECK_POLLS = 5
