import type { Lpt, Wei } from '@millrace/base'
import { treasuryAbi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import type { Hex } from 'viem'
import type { ChainClient } from '../client.ts'
import { ChainError } from '../errors.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type Call, openContract } from './contract.ts'
import type { At } from './read.ts'

const { get, send } = openContract(treasuryAbi, treasuryOf)

function treasuryOf(client: ChainClient): Address {
  const { treasury } = client.addresses
  if (!treasury) throw new ChainError('no_contract', 'this network has no treasury')
  return treasury
}

/** The role that may cancel. */
export const cancellerRole = (client: ChainClient, at: At = {}): Promise<Hex> => get(client, 'CANCELLER_ROLE', [], at)

/** The role above all. */
export const defaultAdminRole = (client: ChainClient, at: At = {}): Promise<Hex> =>
  get(client, 'DEFAULT_ADMIN_ROLE', [], at)

/** The role that may carry out. */
export const executorRole = (client: ChainClient, at: At = {}): Promise<Hex> => get(client, 'EXECUTOR_ROLE', [], at)

/** The role that may schedule. */
export const proposerRole = (client: ChainClient, at: At = {}): Promise<Hex> => get(client, 'PROPOSER_ROLE', [], at)

/** The role that gives and takes the others. */
export const timelockAdminRole = (client: ChainClient, at: At = {}): Promise<Hex> =>
  get(client, 'TIMELOCK_ADMIN_ROLE', [], at)

/** Takes a scheduled operation back. For cancellers. */
export const cancel = (client: ChainClient, sender: TxSender, id: Hex, call?: Call): Promise<TxResult> =>
  send(client, sender, 'cancel', [id], call)

/** Carries an operation out, with ether of the sender if it needs any. For executors. */
export const execute = (
  client: ChainClient,
  sender: TxSender,
  operation: {
    readonly target: Address
    readonly value: Lpt
    readonly payload: Hex
    readonly predecessor: Hex
    readonly salt: Hex
  },
  value: Wei,
  call?: Call,
): Promise<TxResult> =>
  send(
    client,
    sender,
    'execute',
    [operation.target, operation.value, operation.payload, operation.predecessor, operation.salt],
    { ...call, value: value },
  )

/** Carries an operation of many calls out. For executors. */
export const executeBatch = (
  client: ChainClient,
  sender: TxSender,
  operation: {
    readonly targets: readonly Address[]
    readonly values: readonly bigint[]
    readonly payloads: readonly Hex[]
    readonly predecessor: Hex
    readonly salt: Hex
  },
  value: Wei,
  call?: Call,
): Promise<TxResult> =>
  send(
    client,
    sender,
    'executeBatch',
    [operation.targets, operation.values, operation.payloads, operation.predecessor, operation.salt],
    { ...call, value: value },
  )

/** Seconds between scheduling and carrying out, at least. */
export const getMinDelay = (client: ChainClient, at: At = {}): Promise<bigint> => get(client, 'getMinDelay', [], at)

/** The role that may give and take a role. */
export const getRoleAdmin = (client: ChainClient, role: Hex, at: At = {}): Promise<Hex> =>
  get(client, 'getRoleAdmin', [role], at)

/** When an operation can be carried out, in seconds since 1970; 1 when it was, 0 when it is unknown. */
export const getTimestamp = (client: ChainClient, id: Hex, at: At = {}): Promise<bigint> =>
  get(client, 'getTimestamp', [id], at)

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

/** Id of an operation. */
export const hashOperation = (
  client: ChainClient,
  operation: {
    readonly target: Address
    readonly value: Lpt
    readonly data: Hex
    readonly predecessor: Hex
    readonly salt: Hex
  },
  at: At = {},
): Promise<Hex> =>
  get(
    client,
    'hashOperation',
    [operation.target, operation.value, operation.data, operation.predecessor, operation.salt],
    at,
  )

/** Id of an operation of many calls. */
export const hashOperationBatch = (
  client: ChainClient,
  operation: {
    readonly targets: readonly Address[]
    readonly values: readonly bigint[]
    readonly payloads: readonly Hex[]
    readonly predecessor: Hex
    readonly salt: Hex
  },
  at: At = {},
): Promise<Hex> =>
  get(
    client,
    'hashOperationBatch',
    [operation.targets, operation.values, operation.payloads, operation.predecessor, operation.salt],
    at,
  )

/** Once, by whoever deploys it. */
export const initialize = (
  client: ChainClient,
  sender: TxSender,
  settings: {
    readonly minDelay: bigint
    readonly proposers: readonly Address[]
    readonly executors: readonly Address[]
    readonly admin: Address
  },
  call?: Call,
): Promise<TxResult> =>
  send(client, sender, 'initialize', [settings.minDelay, settings.proposers, settings.executors, settings.admin], call)

/** True for an operation that is known. */
export const isOperation = (client: ChainClient, id: Hex, at: At = {}): Promise<boolean> =>
  get(client, 'isOperation', [id], at)

/** True for one that was carried out. */
export const isOperationDone = (client: ChainClient, id: Hex, at: At = {}): Promise<boolean> =>
  get(client, 'isOperationDone', [id], at)

/** True for one that waits. */
export const isOperationPending = (client: ChainClient, id: Hex, at: At = {}): Promise<boolean> =>
  get(client, 'isOperationPending', [id], at)

/** True for one that can be carried out. */
export const isOperationReady = (client: ChainClient, id: Hex, at: At = {}): Promise<boolean> =>
  get(client, 'isOperationReady', [id], at)

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

/** Schedules an operation. For proposers. */
export const schedule = (
  client: ChainClient,
  sender: TxSender,
  operation: {
    readonly target: Address
    readonly value: Lpt
    readonly data: Hex
    readonly predecessor: Hex
    readonly salt: Hex
    readonly delay: bigint
  },
  call?: Call,
): Promise<TxResult> =>
  send(
    client,
    sender,
    'schedule',
    [operation.target, operation.value, operation.data, operation.predecessor, operation.salt, operation.delay],
    call,
  )

/** Schedules an operation of many calls. For proposers. */
export const scheduleBatch = (
  client: ChainClient,
  sender: TxSender,
  operation: {
    readonly targets: readonly Address[]
    readonly values: readonly bigint[]
    readonly payloads: readonly Hex[]
    readonly predecessor: Hex
    readonly salt: Hex
    readonly delay: bigint
  },
  call?: Call,
): Promise<TxResult> =>
  send(
    client,
    sender,
    'scheduleBatch',
    [operation.targets, operation.values, operation.payloads, operation.predecessor, operation.salt, operation.delay],
    call,
  )

/** True for interfaces that the contract has (EIP-165). */
export const supportsInterface = (client: ChainClient, interfaceId: Hex, at: At = {}): Promise<boolean> =>
  get(client, 'supportsInterface', [interfaceId], at)

/** Sets the least delay. For the treasury itself. */
export const updateDelay = (client: ChainClient, sender: TxSender, newDelay: bigint, call?: Call): Promise<TxResult> =>
  send(client, sender, 'updateDelay', [newDelay], call)
