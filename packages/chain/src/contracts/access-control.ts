import { l1EscrowAbi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import { type Hex, zeroHash } from 'viem'
import type { ChainClient } from '../client.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type Call, openContract } from './contract.ts'
import type { At } from './read.ts'

// Roles of the contracts of the bridge: both gateways, the L1Escrow and the L1Migrator.

const roles = (address: Address) => openContract(l1EscrowAbi, () => address)

/** The role that may do all that is kept from others, and give and take roles. */
export const ADMINISTRATOR: Hex = zeroHash

/** A role of an account in one contract. */
export type RoleGrant = {
  readonly contract: Address
  readonly role: Hex
  readonly account: Address
}

/** The role above all, as a contract names it. */
export const defaultAdminRole = (client: ChainClient, contract: Address, at: At = {}): Promise<Hex> =>
  roles(contract).get(client, 'DEFAULT_ADMIN_ROLE', [], at)

/** The role that may give and take a role. */
export const getRoleAdmin = (
  client: ChainClient,
  params: { readonly contract: Address; readonly role: Hex },
  at: At = {},
): Promise<Hex> => roles(params.contract).get(client, 'getRoleAdmin', [params.role], at)

/** True for an account that has a role. */
export const hasRole = (client: ChainClient, grant: RoleGrant, at: At = {}): Promise<boolean> =>
  roles(grant.contract).get(client, 'hasRole', [grant.role, grant.account], at)

/** Gives a role. For accounts with the role above it. */
export const grantRole = (client: ChainClient, sender: TxSender, grant: RoleGrant, call?: Call): Promise<TxResult> =>
  roles(grant.contract).send(client, sender, 'grantRole', [grant.role, grant.account], call)

/** Takes a role. For accounts with the role above it. */
export const revokeRole = (client: ChainClient, sender: TxSender, grant: RoleGrant, call?: Call): Promise<TxResult> =>
  roles(grant.contract).send(client, sender, 'revokeRole', [grant.role, grant.account], call)

/** Gives up a role of the sender, who is the account. */
export const renounceRole = (client: ChainClient, sender: TxSender, grant: RoleGrant, call?: Call): Promise<TxResult> =>
  roles(grant.contract).send(client, sender, 'renounceRole', [grant.role, grant.account], call)

/** True for interfaces that a contract has (EIP-165). */
export const supportsInterface = (
  client: ChainClient,
  params: { readonly contract: Address; readonly interfaceId: Hex },
  at: At = {},
): Promise<boolean> => roles(params.contract).get(client, 'supportsInterface', [params.interfaceId], at)
