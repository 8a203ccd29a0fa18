import type { Wei } from '@millrace/base'
import { bridgeMinterAbi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import type { ChainClient } from '../client.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type Call, lower, openContract } from './contract.ts'
import type { At } from './read.ts'

// The last Minter of layer 1: mints what the bridge's escrow lacks. What every contract of the Controller has is in manager.ts.

const bridgeMinter = (address: Address) => openContract(bridgeMinterAbi, () => address)

/** The contracts that a BridgeMinter deals with. */
export type BridgeMinterContracts = {
  readonly controller: Address
  readonly l1LPTGateway: Address
  readonly l1Migrator: Address
}

export async function bridgeMinterContracts(
  client: ChainClient,
  address: Address,
  at: At = {},
): Promise<BridgeMinterContracts> {
  const { get } = bridgeMinter(address)
  const [controller, l1LPTGateway, l1Migrator] = await Promise.all([
    get(client, 'controller', [], at).then(lower),
    get(client, 'l1LPTGatewayAddr', [], at).then(lower),
    get(client, 'l1MigratorAddr', [], at).then(lower),
  ])
  return { controller, l1LPTGateway, l1Migrator }
}

/** The Controller, under the name that a Minter asks of its successor. */
export const getController = (client: ChainClient, address: Address, at: At = {}): Promise<Address> =>
  bridgeMinter(address).get(client, 'getController', [], at).then(lower)

/** Takes ether, as of a Minter that moves to this one; anybody may. */
export const depositETH = (
  client: ChainClient,
  sender: TxSender,
  params: { readonly bridgeMinter: Address; readonly value: Wei },
  call?: Call,
): Promise<TxResult> =>
  bridgeMinter(params.bridgeMinter).send(client, sender, 'depositETH', [], { ...call, value: params.value })

/** Moves the right to mint, all LPT and all ether to another Minter. For the Controller's owner. */
export const migrateToNewMinter = (
  client: ChainClient,
  sender: TxSender,
  params: { readonly bridgeMinter: Address; readonly newMinter: Address },
  call?: Call,
): Promise<TxResult> =>
  bridgeMinter(params.bridgeMinter).send(client, sender, 'migrateToNewMinter', [params.newMinter], call)

/** Sets the gateway for which it mints. For the Controller's owner. */
export const setL1LPTGateway = (
  client: ChainClient,
  sender: TxSender,
  params: { readonly bridgeMinter: Address; readonly l1LPTGateway: Address },
  call?: Call,
): Promise<TxResult> =>
  bridgeMinter(params.bridgeMinter).send(client, sender, 'setL1LPTGateway', [params.l1LPTGateway], call)

/** Sets who moves its funds to layer 2. For the Controller's owner. */
export const setL1Migrator = (
  client: ChainClient,
  sender: TxSender,
  params: { readonly bridgeMinter: Address; readonly l1Migrator: Address },
  call?: Call,
): Promise<TxResult> =>
  bridgeMinter(params.bridgeMinter).send(client, sender, 'setL1Migrator', [params.l1Migrator], call)
