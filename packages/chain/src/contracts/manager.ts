import { managerProxyAbi as abi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import type { Hex } from 'viem'
import type { ChainClient, NetworkAddresses } from '../client.ts'
import { ChainError } from '../errors.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type Call, lower, openContract } from './contract.ts'
import type { At } from './read.ts'

/** A contract that belongs to the Controller: one that a client knows, or the address of another, as of the bridge. */
export type Managed =
  | Exclude<keyof NetworkAddresses, 'controller' | 'livepeerToken' | 'livepeerTokenFaucet' | 'treasury'>
  | Address

const isAddress = (contract: Managed): contract is Address => contract.startsWith('0x')

const managed = (contract: Managed) =>
  openContract(abi, ({ addresses }) => {
    const address = isAddress(contract) ? contract : addresses[contract]
    if (!address) throw new ChainError('no_contract', `this network has no ${contract}`)
    return address
  })

/** The Controller to which a contract belongs. */
export const controllerOf = (client: ChainClient, contract: Managed, at: At = {}): Promise<Address> =>
  managed(contract).get(client, 'controller', [], at).then(lower)

/** Id under which the Controller knows the code behind a proxy; Minter, MerkleSnapshot and BridgeMinter are none. */
export const targetContractId = (
  client: ChainClient,
  contract: Exclude<Managed, 'minter' | 'merkleSnapshot'>,
  at: At = {},
): Promise<Hex> => managed(contract).get(client, 'targetContractId', [], at)

/** Gives a contract another Controller. For the Controller alone, see `updateController`. */
export const setController = (
  client: ChainClient,
  sender: TxSender,
  change: { readonly contract: Managed; readonly controller: Address },
  call?: Call,
): Promise<TxResult> => managed(change.contract).send(client, sender, 'setController', [change.controller], call)
