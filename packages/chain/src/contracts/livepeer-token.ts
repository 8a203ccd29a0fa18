import type { Lpt } from '@millrace/base'
import { livepeerTokenAbi as abi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import type { ChainClient } from '../client.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type At, read } from './read.ts'

export const totalSupply = (client: ChainClient, at: At = {}): Promise<Lpt> =>
  read(client, { address: client.addresses.livepeerToken, abi, functionName: 'totalSupply', args: [] }, at)

export const balanceOf = (client: ChainClient, owner: Address, at: At = {}): Promise<Lpt> =>
  read(client, { address: client.addresses.livepeerToken, abi, functionName: 'balanceOf', args: [owner] }, at)

/** Lets a contract, usually the BondingManager, take this much of the sender's LPT. */
export const approve = (
  client: ChainClient,
  sender: TxSender,
  grant: { readonly spender: Address; readonly amount: Lpt },
  options?: { signal?: AbortSignal | undefined },
): Promise<TxResult> =>
  sender.send(
    {
      address: client.addresses.livepeerToken,
      abi,
      functionName: 'approve',
      args: [grant.spender, grant.amount],
    },
    options,
  )
