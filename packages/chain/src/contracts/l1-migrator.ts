import type { Lpt, Wei } from '@millrace/base'
import { l1MigratorAbi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import type { Hex } from 'viem'
import type { ChainClient } from '../client.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type Call, lower, openContract } from './contract.ts'
import type { At } from './read.ts'
import { type MessageCost, messageValue } from './retryable-message.ts'

// Tells layer 2 what an account has on layer 1. Roles are in access-control.ts.

const l1Migrator = (address: Address) => openContract(l1MigratorAbi, () => address)

/** Whose belongings move, and to whom. */
export type Move = {
  readonly l1Migrator: Address
  readonly l1Addr: Address
  readonly l2Addr: Address
}

/** A move with what it costs; without a signature of `l1Addr` the sender must be `l1Addr`. */
export type PaidMove = Move & { readonly signature?: Hex; readonly cost: MessageCost }

type Told<T> = { readonly data: Hex; readonly params: T }

/** Stake and fees of a delegator, as layer 2 is told. */
export type MigrateDelegatorParams = {
  readonly l1Addr: Address
  readonly l2Addr: Address
  readonly stake: Lpt
  /** Stake delegated to the account, its own included. */
  readonly delegatedStake: Lpt
  readonly fees: Wei
  readonly delegate: Address
}

/** Unbonding locks of a delegator, as layer 2 is told. */
export type MigrateUnbondingLocksParams = {
  readonly l1Addr: Address
  readonly l2Addr: Address
  readonly total: Lpt
  readonly unbondingLockIds: readonly bigint[]
  readonly delegate: Address
}

/** Deposit and reserve of a gateway, as layer 2 is told. */
export type MigrateSenderParams = {
  readonly l1Addr: Address
  readonly l2Addr: Address
  readonly deposit: Wei
  readonly reserve: Wei
}

const prices = ({ maxGas, gasPriceBid, maxSubmissionCost }: MessageCost) =>
  [maxGas, gasPriceBid, maxSubmissionCost] as const

/** Moves stake and fees. */
export const migrateDelegator = (
  client: ChainClient,
  sender: TxSender,
  move: PaidMove,
  call?: Call,
): Promise<TxResult> => {
  const { l1Addr, l2Addr, signature = '0x', cost } = move
  const args = [l1Addr, l2Addr, signature, ...prices(cost)] as const
  return l1Migrator(move.l1Migrator).send(client, sender, 'migrateDelegator', args, {
    ...call,
    value: messageValue(cost),
  })
}

/** Moves the tokens in unbonding locks, which become stake. */
export const migrateUnbondingLocks = (
  client: ChainClient,
  sender: TxSender,
  move: PaidMove & { readonly unbondingLockIds: readonly bigint[] },
  call?: Call,
): Promise<TxResult> => {
  const { l1Addr, l2Addr, unbondingLockIds, signature = '0x', cost } = move
  const args = [l1Addr, l2Addr, unbondingLockIds, signature, ...prices(cost)] as const
  return l1Migrator(move.l1Migrator).send(client, sender, 'migrateUnbondingLocks', args, {
    ...call,
    value: messageValue(cost),
  })
}

/** Moves deposit and reserve. */
export const migrateSender = (
  client: ChainClient,
  sender: TxSender,
  move: PaidMove,
  call?: Call,
): Promise<TxResult> => {
  const { l1Addr, l2Addr, signature = '0x', cost } = move
  const args = [l1Addr, l2Addr, signature, ...prices(cost)] as const
  return l1Migrator(move.l1Migrator).send(client, sender, 'migrateSender', args, { ...call, value: messageValue(cost) })
}

/** Moves the BridgeMinter's ether to the L2Migrator; anybody may. */
export const migrateETH = (
  client: ChainClient,
  sender: TxSender,
  params: { readonly l1Migrator: Address; readonly cost: MessageCost },
  call?: Call,
): Promise<TxResult> =>
  l1Migrator(params.l1Migrator).send(client, sender, 'migrateETH', prices(params.cost), {
    ...call,
    value: messageValue(params.cost),
  })

/** Moves the BridgeMinter's LPT to the L2Migrator. For administrators. */
export const migrateLPT = (
  client: ChainClient,
  sender: TxSender,
  params: { readonly l1Migrator: Address; readonly cost: MessageCost },
  call?: Call,
): Promise<TxResult> =>
  l1Migrator(params.l1Migrator).send(client, sender, 'migrateLPT', prices(params.cost), {
    ...call,
    value: messageValue(params.cost),
  })

/** The message about stake and fees, and what it says. */
export const getMigrateDelegatorParams = async (
  client: ChainClient,
  move: Move,
  at: At = {},
): Promise<Told<MigrateDelegatorParams>> => {
  const { get } = l1Migrator(move.l1Migrator)
  const [data, params] = await get(client, 'getMigrateDelegatorParams', [move.l1Addr, move.l2Addr], at)
  return { data, params: { ...params, ...lowered(params), delegate: lower(params.delegate) } }
}

/** The message about unbonding locks, and what it says. */
export const getMigrateUnbondingLocksParams = async (
  client: ChainClient,
  move: Move & { readonly unbondingLockIds: readonly bigint[] },
  at: At = {},
): Promise<Told<MigrateUnbondingLocksParams>> => {
  const args = [move.l1Addr, move.l2Addr, move.unbondingLockIds] as const
  const [data, params] = await l1Migrator(move.l1Migrator).get(client, 'getMigrateUnbondingLocksParams', args, at)
  return { data, params: { ...params, ...lowered(params), delegate: lower(params.delegate) } }
}

/** The message about deposit and reserve, and what it says. */
export const getMigrateSenderParams = async (
  client: ChainClient,
  move: Move,
  at: At = {},
): Promise<Told<MigrateSenderParams>> => {
  const { get } = l1Migrator(move.l1Migrator)
  const [data, params] = await get(client, 'getMigrateSenderParams', [move.l1Addr, move.l2Addr], at)
  return { data, params: { ...params, ...lowered(params) } }
}

const lowered = ({ l1Addr, l2Addr }: { readonly l1Addr: Address; readonly l2Addr: Address }) => ({
  l1Addr: lower(l1Addr),
  l2Addr: lower(l2Addr),
})

/** The contracts that an L1Migrator deals with. */
export type L1MigratorContracts = {
  readonly inbox: Address
  readonly bondingManager: Address
  readonly ticketBroker: Address
  readonly token: Address
  readonly l1LPTGateway: Address
  readonly bridgeMinter: Address
  readonly l2Migrator: Address
}

export async function l1MigratorContracts(
  client: ChainClient,
  address: Address,
  at: At = {},
): Promise<L1MigratorContracts> {
  const { get } = l1Migrator(address)
  const [inbox, bondingManager, ticketBroker, token, l1LPTGateway, bridgeMinter, l2Migrator] = await Promise.all([
    get(client, 'inbox', [], at).then(lower),
    get(client, 'bondingManagerAddr', [], at).then(lower),
    get(client, 'ticketBrokerAddr', [], at).then(lower),
    get(client, 'tokenAddr', [], at).then(lower),
    get(client, 'l1LPTGatewayAddr', [], at).then(lower),
    get(client, 'bridgeMinterAddr', [], at).then(lower),
    get(client, 'l2MigratorAddr', [], at).then(lower),
  ])
  return { inbox, bondingManager, ticketBroker, token, l1LPTGateway, bridgeMinter, l2Migrator }
}

/** Sets where the funds come from. For administrators. */
export const setBridgeMinter = (
  client: ChainClient,
  sender: TxSender,
  params: { readonly l1Migrator: Address; readonly bridgeMinter: Address },
  call?: Call,
): Promise<TxResult> =>
  l1Migrator(params.l1Migrator).send(client, sender, 'setBridgeMinter', [params.bridgeMinter], call)

/** Sets who is told on layer 2. For administrators. */
export const setL2Migrator = (
  client: ChainClient,
  sender: TxSender,
  params: { readonly l1Migrator: Address; readonly l2Migrator: Address },
  call?: Call,
): Promise<TxResult> => l1Migrator(params.l1Migrator).send(client, sender, 'setL2Migrator', [params.l2Migrator], call)

/** True while nothing can be moved. */
export const paused = (client: ChainClient, address: Address, at: At = {}): Promise<boolean> =>
  l1Migrator(address).get(client, 'paused', [], at)

/** Stops the moving. For administrators. */
export const pause = (client: ChainClient, sender: TxSender, address: Address, call?: Call): Promise<TxResult> =>
  l1Migrator(address).send(client, sender, 'pause', [], call)

/** Lets it go on. For administrators. */
export const unpause = (client: ChainClient, sender: TxSender, address: Address, call?: Call): Promise<TxResult> =>
  l1Migrator(address).send(client, sender, 'unpause', [], call)
