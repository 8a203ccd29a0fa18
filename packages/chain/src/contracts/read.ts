import type { Abi, ContractFunctionArgs, ContractFunctionName, ContractFunctionReturnType } from 'viem'
import type { ChainClient } from '../client.ts'
import { chainError } from '../errors.ts'

/** A moment at which reads are made; without one the latest block is read. */
export type At = { readonly block?: bigint | undefined }

/** Calls a view function, with viem's errors turned into ChainErrors. */
export async function read<
  const A extends Abi,
  F extends ContractFunctionName<A, 'view' | 'pure'>,
  const P extends ContractFunctionArgs<A, 'view' | 'pure', F>,
>(
  client: ChainClient,
  call: { readonly address: `0x${string}`; readonly abi: A; readonly functionName: F; readonly args: P },
  at: At = {},
): Promise<ContractFunctionReturnType<A, 'view' | 'pure', F, P>> {
  try {
    const parameters = { ...call, ...(at.block === undefined ? {} : { blockNumber: at.block }) }
    return (await client.rpc.readContract(parameters as never)) as ContractFunctionReturnType<A, 'view' | 'pure', F, P>
  } catch (cause) {
    throw chainError(cause, `reading ${String(call.functionName)}`)
  }
}
