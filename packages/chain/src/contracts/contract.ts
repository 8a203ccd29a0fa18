import type { Wei } from '@millrace/base'
import type { Address } from '@millrace/wire'
import type { Abi, ContractFunctionArgs, ContractFunctionName, ContractFunctionReturnType } from 'viem'
import type { ChainClient } from '../client.ts'
import type { SendOptions, TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type At, read } from './read.ts'

/** What a transaction is sent with besides its arguments. */
export type Call = SendOptions

/** Reads and writes of one contract, typed by its ABI. */
export type Contract<A extends Abi> = {
  get<F extends ContractFunctionName<A, 'view' | 'pure'>, const P extends ContractFunctionArgs<A, 'view' | 'pure', F>>(
    client: ChainClient,
    functionName: F,
    args: P,
    at: At,
  ): Promise<ContractFunctionReturnType<A, 'view' | 'pure', F, P>>
  send<F extends ContractFunctionName<A, 'nonpayable' | 'payable'>>(
    client: ChainClient,
    sender: TxSender,
    functionName: F,
    args: ContractFunctionArgs<A, 'nonpayable' | 'payable', F>,
    call?: Call & { readonly value?: Wei },
  ): Promise<TxResult>
}

/** The contract with this ABI, at the address that a network has it at. */
export function openContract<const A extends Abi>(abi: A, addressOf: (client: ChainClient) => Address): Contract<A> {
  return {
    get: (client, functionName, args, at) =>
      read(client, { address: addressOf(client), abi, functionName, args } as never, at) as never,
    send: (client, sender, functionName, args, { value, ...call } = {}) =>
      sender.send(
        {
          address: addressOf(client),
          abi,
          functionName,
          args: args as readonly unknown[],
          ...(value === undefined ? {} : { value }),
        },
        call,
      ),
  }
}

/** Addresses are compared as text here, so all are written in small letters. */
export const lower = (address: string): Address => address.toLowerCase() as Address
