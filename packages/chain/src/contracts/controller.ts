import { controllerAbi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import type { Hex } from 'viem'
import type { ChainClient } from '../client.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type Call, lower, openContract } from './contract.ts'
import type { At } from './read.ts'

const { get, send } = openContract(controllerAbi, (client) => client.addresses.controller)

/** Address of a registered contract; the zero address for none. Ids are keccak256 of names: `contractIds` of @millrace/contracts. */
export const getContract = (client: ChainClient, id: Hex, at: At = {}): Promise<Address> =>
  get(client, 'getContract', [id], at).then(lower)

/** What the registry knows of a contract. */
export type ContractInfo = {
  readonly address: Address
  readonly gitCommitHash: Hex
}

/** Address of a registered contract, and the commit of its source. */
export const getContractInfo = async (client: ChainClient, id: Hex, at: At = {}): Promise<ContractInfo> => {
  const [address, gitCommitHash] = await get(client, 'getContractInfo', [id], at)
  return { address: lower(address), gitCommitHash }
}

/** Who owns the protocol. */
export const owner = (client: ChainClient, at: At = {}): Promise<Address> => get(client, 'owner', [], at).then(lower)

/** Pauses the system. For the owner. */
export const pause = (client: ChainClient, sender: TxSender, call?: Call): Promise<TxResult> =>
  send(client, sender, 'pause', [], call)

/** True while the system is paused. */
export const paused = (client: ChainClient, at: At = {}): Promise<boolean> => get(client, 'paused', [], at)

/** Registers a contract. For the owner. */
export const setContractInfo = (
  client: ChainClient,
  sender: TxSender,
  info: { readonly id: Hex; readonly contractAddress: Address; readonly gitCommitHash: Hex },
  call?: Call,
): Promise<TxResult> =>
  send(client, sender, 'setContractInfo', [info.id, info.contractAddress, info.gitCommitHash], call)

/** Gives the protocol to another owner. For the owner. */
export const transferOwnership = (
  client: ChainClient,
  sender: TxSender,
  newOwner: Address,
  call?: Call,
): Promise<TxResult> => send(client, sender, 'transferOwnership', [newOwner], call)

/** Ends the pause. For the owner. */
export const unpause = (client: ChainClient, sender: TxSender, call?: Call): Promise<TxResult> =>
  send(client, sender, 'unpause', [], call)

/** Gives a registered contract another Controller. For the owner. */
export const updateController = (
  client: ChainClient,
  sender: TxSender,
  update: { readonly id: Hex; readonly controller: Address },
  call?: Call,
): Promise<TxResult> => send(client, sender, 'updateController', [update.id, update.controller], call)
