import type { Lpt } from '@millrace/base'
import { l1LPTDataCacheAbi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import type { Hex } from 'viem'
import type { ChainClient } from '../client.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type Call, lower, openContract } from './contract.ts'
import type { At } from './read.ts'
import { type MessageCost, messageValue } from './retryable-message.ts'

// Tells layer 2 how much LPT there is on layer 1.

const dataCache = (address: Address) => openContract(l1LPTDataCacheAbi, () => address)

/** Sends the supply of layer 1 to layer 2, with the ether for the message; anybody may. */
export const cacheTotalSupply = (
  client: ChainClient,
  sender: TxSender,
  params: { readonly dataCache: Address; readonly cost: MessageCost },
  call?: Call,
): Promise<TxResult> => {
  const { maxGas, gasPriceBid, maxSubmissionCost } = params.cost
  return dataCache(params.dataCache).send(
    client,
    sender,
    'cacheTotalSupply',
    [maxGas, gasPriceBid, maxSubmissionCost],
    { ...call, value: messageValue(params.cost) },
  )
}

/** The message that would be sent now, and the supply that it tells. */
export const getCacheTotalSupplyData = async (
  client: ChainClient,
  address: Address,
  at: At = {},
): Promise<{ readonly data: Hex; readonly totalSupply: Lpt }> => {
  const [data, totalSupply] = await dataCache(address).get(client, 'getCacheTotalSupplyData', [], at)
  return { data, totalSupply }
}

/** Where messages are handed in. */
export const inbox = (client: ChainClient, address: Address, at: At = {}): Promise<Address> =>
  dataCache(address).get(client, 'inbox', [], at).then(lower)

/** Who is told on layer 2. */
export const l2LPTDataCacheAddr = (client: ChainClient, address: Address, at: At = {}): Promise<Address> =>
  dataCache(address).get(client, 'l2LPTDataCacheAddr', [], at).then(lower)

/** LPT on layer 1. */
export const tokenAddr = (client: ChainClient, address: Address, at: At = {}): Promise<Address> =>
  dataCache(address).get(client, 'tokenAddr', [], at).then(lower)
