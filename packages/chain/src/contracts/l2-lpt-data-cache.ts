import type { Lpt } from '@millrace/base'
import { l2LPTDataCacheAbi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import type { ChainClient } from '../client.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type Call, lower, openContract } from './contract.ts'
import type { At } from './read.ts'

// What layer 2 knows of the LPT on layer 1.

const dataCache = (address: Address) => openContract(l2LPTDataCacheAbi, () => address)

/** LPT on layer 1 outside the bridge's escrow, after the last update. */
export const l1CirculatingSupply = (client: ChainClient, address: Address, at: At = {}): Promise<Lpt> =>
  dataCache(address).get(client, 'l1CirculatingSupply', [], at)

/** LPT on layer 1 at the last update, the escrow included. */
export const l1TotalSupply = (client: ChainClient, address: Address, at: At = {}): Promise<Lpt> =>
  dataCache(address).get(client, 'l1TotalSupply', [], at)

/** LPT on layer 2 that came from layer 1. */
export const l2SupplyFromL1 = (client: ChainClient, address: Address, at: At = {}): Promise<Lpt> =>
  dataCache(address).get(client, 'l2SupplyFromL1', [], at)

/** The contract on layer 1 that sends updates. */
export const l1LPTDataCache = (client: ChainClient, address: Address, at: At = {}): Promise<Address> =>
  dataCache(address).get(client, 'l1LPTDataCache', [], at).then(lower)

/** The gateway that counts transfers. */
export const l2LPTGateway = (client: ChainClient, address: Address, at: At = {}): Promise<Address> =>
  dataCache(address).get(client, 'l2LPTGateway', [], at).then(lower)

/** Who may set those two. */
export const owner = (client: ChainClient, address: Address, at: At = {}): Promise<Address> =>
  dataCache(address).get(client, 'owner', [], at).then(lower)

/** Sets the contract on layer 1 that sends updates. For the owner. */
export const setL1LPTDataCache = (
  client: ChainClient,
  sender: TxSender,
  params: { readonly dataCache: Address; readonly l1LPTDataCache: Address },
  call?: Call,
): Promise<TxResult> =>
  dataCache(params.dataCache).send(client, sender, 'setL1LPTDataCache', [params.l1LPTDataCache], call)

/** Sets the gateway that counts transfers. For the owner. */
export const setL2LPTGateway = (
  client: ChainClient,
  sender: TxSender,
  params: { readonly dataCache: Address; readonly l2LPTGateway: Address },
  call?: Call,
): Promise<TxResult> => dataCache(params.dataCache).send(client, sender, 'setL2LPTGateway', [params.l2LPTGateway], call)

/** Gives the contract to another owner. For the owner. */
export const transferOwnership = (
  client: ChainClient,
  sender: TxSender,
  params: { readonly dataCache: Address; readonly newOwner: Address },
  call?: Call,
): Promise<TxResult> => dataCache(params.dataCache).send(client, sender, 'transferOwnership', [params.newOwner], call)

/** Leaves the contract without an owner for ever. For the owner. */
export const renounceOwnership = (
  client: ChainClient,
  sender: TxSender,
  address: Address,
  call?: Call,
): Promise<TxResult> => dataCache(address).send(client, sender, 'renounceOwnership', [], call)
