import type { Lpt } from '@millrace/base'
import { livepeerTokenAbi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import type { Hex } from 'viem'
import type { ChainClient } from '../client.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type Call, lower, openContract } from './contract.ts'
import type { At } from './read.ts'

const { get, send } = openContract(livepeerTokenAbi, (client) => client.addresses.livepeerToken)

/** The role that may give and take roles. */
export const defaultAdminRole = (client: ChainClient, at: At = {}): Promise<Hex> =>
  get(client, 'DEFAULT_ADMIN_ROLE', [], at)

/** Domain of the signatures that `permit` takes. */
export const domainSeparator = (client: ChainClient, at: At = {}): Promise<Hex> =>
  get(client, 'DOMAIN_SEPARATOR', [], at)

/** How much of an owner's LPT a spender may take. */
export const allowance = (
  client: ChainClient,
  pair: { readonly owner: Address; readonly spender: Address },
  at: At = {},
): Promise<Lpt> => get(client, 'allowance', [pair.owner, pair.spender], at)

/** Lets a contract, usually the BondingManager, take this much of the sender's LPT. */
export const approve = (
  client: ChainClient,
  sender: TxSender,
  grant: { readonly spender: Address; readonly amount: Lpt },
  call?: Call,
): Promise<TxResult> => send(client, sender, 'approve', [grant.spender, grant.amount], call)

/** LPT that an account has. */
export const balanceOf = (client: ChainClient, account: Address, at: At = {}): Promise<Lpt> =>
  get(client, 'balanceOf', [account], at)

/** For accounts with the burner role: destroys LPT of the sender. */
export const burn = (client: ChainClient, sender: TxSender, amount: Lpt, call?: Call): Promise<TxResult> =>
  send(client, sender, 'burn', [amount], call)

/** For accounts with the burner role: destroys LPT that the sender may take. */
export const burnFrom = (
  client: ChainClient,
  sender: TxSender,
  burning: { readonly from: Address; readonly amount: Lpt },
  call?: Call,
): Promise<TxResult> => send(client, sender, 'burnFrom', [burning.from, burning.amount], call)

/** Decimals of LPT. */
export const decimals = (client: ChainClient, at: At = {}): Promise<number> => get(client, 'decimals', [], at)

/** Lets a spender take less. */
export const decreaseAllowance = (
  client: ChainClient,
  sender: TxSender,
  grant: { readonly spender: Address; readonly subtractedValue: Lpt },
  call?: Call,
): Promise<TxResult> => send(client, sender, 'decreaseAllowance', [grant.spender, grant.subtractedValue], call)

/** What signatures for the token are made over (EIP-5267). */
export type TokenDomain = {
  readonly fields: Hex
  readonly name: string
  readonly version: string
  readonly chainId: bigint
  readonly verifyingContract: Address
  readonly salt: Hex
  readonly extensions: readonly bigint[]
}

/** Domain of the signatures that `permit` takes, part by part. */
export const eip712Domain = async (client: ChainClient, at: At = {}): Promise<TokenDomain> => {
  const [fields, name, version, chainId, verifyingContract, salt, extensions] = await get(
    client,
    'eip712Domain',
    [],
    at,
  )
  return { fields, name, version, chainId, verifyingContract: lower(verifyingContract), salt, extensions }
}

/** The role that may give and take a role. */
export const getRoleAdmin = (client: ChainClient, role: Hex, at: At = {}): Promise<Hex> =>
  get(client, 'getRoleAdmin', [role], at)

/** Gives a role. */
export const grantRole = (
  client: ChainClient,
  sender: TxSender,
  grant: { readonly role: Hex; readonly account: Address },
  call?: Call,
): Promise<TxResult> => send(client, sender, 'grantRole', [grant.role, grant.account], call)

/** True for an account that has a role. */
export const hasRole = (
  client: ChainClient,
  grant: { readonly role: Hex; readonly account: Address },
  at: At = {},
): Promise<boolean> => get(client, 'hasRole', [grant.role, grant.account], at)

/** Lets a spender take more. */
export const increaseAllowance = (
  client: ChainClient,
  sender: TxSender,
  grant: { readonly spender: Address; readonly addedValue: Lpt },
  call?: Call,
): Promise<TxResult> => send(client, sender, 'increaseAllowance', [grant.spender, grant.addedValue], call)

/** For accounts with the minter role: makes LPT. */
export const mint = (
  client: ChainClient,
  sender: TxSender,
  minting: { readonly to: Address; readonly amount: Lpt },
  call?: Call,
): Promise<TxResult> => send(client, sender, 'mint', [minting.to, minting.amount], call)

/** Name of the token. */
export const name = (client: ChainClient, at: At = {}): Promise<string> => get(client, 'name', [], at)

/** The nonce that the next `permit` of an owner must carry. */
export const nonces = (client: ChainClient, owner: Address, at: At = {}): Promise<bigint> =>
  get(client, 'nonces', [owner], at)

/** Uses an owner's signature in place of `approve`. */
export const permit = (
  client: ChainClient,
  sender: TxSender,
  permission: {
    readonly owner: Address
    readonly spender: Address
    readonly value: Lpt
    readonly deadline: bigint
    readonly v: number
    readonly r: Hex
    readonly s: Hex
  },
  call?: Call,
): Promise<TxResult> =>
  send(
    client,
    sender,
    'permit',
    [
      permission.owner,
      permission.spender,
      permission.value,
      permission.deadline,
      permission.v,
      permission.r,
      permission.s,
    ],
    call,
  )

/** Gives up a role of the sender. */
export const renounceRole = (
  client: ChainClient,
  sender: TxSender,
  grant: { readonly role: Hex; readonly account: Address },
  call?: Call,
): Promise<TxResult> => send(client, sender, 'renounceRole', [grant.role, grant.account], call)

/** Takes a role. */
export const revokeRole = (
  client: ChainClient,
  sender: TxSender,
  grant: { readonly role: Hex; readonly account: Address },
  call?: Call,
): Promise<TxResult> => send(client, sender, 'revokeRole', [grant.role, grant.account], call)

/** True for interfaces that the contract has (EIP-165). */
export const supportsInterface = (client: ChainClient, interfaceId: Hex, at: At = {}): Promise<boolean> =>
  get(client, 'supportsInterface', [interfaceId], at)

/** Symbol of the token. */
export const symbol = (client: ChainClient, at: At = {}): Promise<string> => get(client, 'symbol', [], at)

/** All LPT of this chain. */
export const totalSupply = (client: ChainClient, at: At = {}): Promise<Lpt> => get(client, 'totalSupply', [], at)

/** Gives LPT of the sender. */
export const transfer = (
  client: ChainClient,
  sender: TxSender,
  transferring: { readonly to: Address; readonly amount: Lpt },
  call?: Call,
): Promise<TxResult> => send(client, sender, 'transfer', [transferring.to, transferring.amount], call)

/** Gives LPT that the sender may take. */
export const transferFrom = (
  client: ChainClient,
  sender: TxSender,
  transferring: { readonly from: Address; readonly to: Address; readonly amount: Lpt },
  call?: Call,
): Promise<TxResult> =>
  send(client, sender, 'transferFrom', [transferring.from, transferring.to, transferring.amount], call)
