import type { Address, Hash, Hex } from 'viem'

/** A JSON-RPC request. */
export type Request = { readonly method: string; readonly params: readonly unknown[] }

/** An answer: a result, or the error with its data, e.g. what a call reverted with. */
export type Answer = { result: unknown; error?: undefined } | { error: { message: string; data?: Hex } }

/** What a transaction or a call consists of. */
export type Call = { from: Address; to: Address; data: Hex; value?: bigint }

/** What a test reads of a receipt. */
export type Receipt = {
  status: Hex
  gasUsed: Hex
  logs: { address: Address; topics: [Hex, ...Hex[]]; data: Hex }[]
}

/** The few calls that tests make by the thousand, in batches. */
export type Rpc = {
  batch(requests: readonly Request[]): Promise<Answer[]>
  request(method: string, ...params: unknown[]): Promise<unknown>
  /** Sends from an account that anvil impersonates and mines a block with it. Automine must be off. */
  transact(call: Call): Promise<Receipt>
}

/** Opens a JSON-RPC client that keeps answers as they came. */
export function openRpc(url: string): Rpc {
  let nextId = 0

  async function batch(requests: readonly Request[]): Promise<Answer[]> {
    const body = JSON.stringify(
      requests.map(({ method, params }) => ({ jsonrpc: '2.0', id: nextId++, method, params })),
    )
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const answers = (await response.json()) as (Answer & { id: number })[]
    return answers.sort((a, b) => a.id - b.id)
  }

  async function request(method: string, ...params: unknown[]): Promise<unknown> {
    const [answer] = await batch([{ method, params }])
    if (answer!.error) throw new Error(`${method}: ${answer!.error.message}`)
    return answer!.result
  }

  async function transact(call: Call): Promise<Receipt> {
    // The limit is given, so that nothing is estimated and a failure shows in the receipt.
    const transaction = { ...callParams(call), gas: '0xe4e1c0' }
    const hash = (await request('eth_sendTransaction', transaction)) as Hash
    // Mining on demand ends after the block is in place; with automine the receipt can be seen a moment earlier.
    await request('evm_mine')
    const receipt = (await request('eth_getTransactionReceipt', hash)) as Receipt | null
    if (!receipt) throw new Error(`transaction ${hash} was not mined; is automine on?`)
    return receipt
  }

  return { batch, request, transact }
}

/** Turns a call into the parameter of eth_call and eth_sendTransaction. */
export function callParams({ from, to, data, value = 0n }: Call) {
  return { from, to, data, value: `0x${value.toString(16)}`, gasPrice: '0x0' }
}
