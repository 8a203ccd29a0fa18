import type { Lpt, Wei } from '@millrace/base'
import { l2MigratorAbi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import { type Hex, zeroAddress } from 'viem'
import type { ChainClient } from '../client.ts'
import type { TxResult, TxSender } from '../transactions/tx-sender.ts'
import { type Call, lower, openContract } from './contract.ts'
import type { At } from './read.ts'

// Gives accounts on layer 2 what they had on layer 1. What every contract of the Controller has is in manager.ts.

const l2Migrator = (address: Address) => openContract(l2MigratorAbi, () => address)

/** Bonds the sender's stake of layer 1 and pays its fees, if they stand in the snapshot and have not come over yet. */
export const claimStake = (
  client: ChainClient,
  sender: TxSender,
  claim: {
    readonly l2Migrator: Address
    /** Whom the sender was bonded to on layer 1. */
    readonly delegate: Address
    readonly stake: Lpt
    readonly fees: Wei
    readonly proof: readonly Hex[]
    /** Whom to bond to instead, where no pool holds the stake. */
    readonly newDelegate?: Address
  },
  call?: Call,
): Promise<TxResult> => {
  const { delegate, stake, fees, proof, newDelegate = zeroAddress } = claim
  const args = [delegate, stake, fees, proof, newDelegate] as const
  return l2Migrator(claim.l2Migrator).send(client, sender, 'claimStake', args, call)
}

/** True while stake can be claimed with a proof. */
export const claimStakeEnabled = (client: ChainClient, address: Address, at: At = {}): Promise<boolean> =>
  l2Migrator(address).get(client, 'claimStakeEnabled', [], at)

/** Of an account of layer 1. */
type OfAccount = { readonly l2Migrator: Address; readonly l1Addr: Address }

/** Stake that the delegators of an account have got already. */
export const claimedDelegatedStake = (
  client: ChainClient,
  { l2Migrator: address, l1Addr }: OfAccount,
  at: At = {},
): Promise<Lpt> => l2Migrator(address).get(client, 'claimedDelegatedStake', [l1Addr], at)

/** The pool with the stake that was delegated to an account; the zero address for none. */
export const delegatorPools = (
  client: ChainClient,
  { l2Migrator: address, l1Addr }: OfAccount,
  at: At = {},
): Promise<Address> => l2Migrator(address).get(client, 'delegatorPools', [l1Addr], at).then(lower)

/** True for an account that has its stake. */
export const migratedDelegators = (
  client: ChainClient,
  { l2Migrator: address, l1Addr }: OfAccount,
  at: At = {},
): Promise<boolean> => l2Migrator(address).get(client, 'migratedDelegators', [l1Addr], at)

/** True for an account that has its deposit and reserve. */
export const migratedSenders = (
  client: ChainClient,
  { l2Migrator: address, l1Addr }: OfAccount,
  at: At = {},
): Promise<boolean> => l2Migrator(address).get(client, 'migratedSenders', [l1Addr], at)

/** True for an unbonding lock that has come over. */
export const migratedUnbondingLocks = (
  client: ChainClient,
  params: OfAccount & { readonly unbondingLockId: bigint },
  at: At = {},
): Promise<boolean> =>
  l2Migrator(params.l2Migrator).get(client, 'migratedUnbondingLocks', [params.l1Addr, params.unbondingLockId], at)

/** The contracts that an L2Migrator deals with, those of the Controller as it read them last. */
export type L2MigratorContracts = {
  readonly controller: Address
  readonly bondingManager: Address
  readonly ticketBroker: Address
  readonly merkleSnapshot: Address
  readonly token: Address
  readonly l1Migrator: Address
  /** What pools are copies of. */
  readonly delegatorPoolImpl: Address
}

export async function l2MigratorContracts(
  client: ChainClient,
  address: Address,
  at: At = {},
): Promise<L2MigratorContracts> {
  const { get } = l2Migrator(address)
  const [controller, bondingManager, ticketBroker, merkleSnapshot, token, l1Migrator, delegatorPoolImpl] =
    await Promise.all([
      get(client, 'controller', [], at).then(lower),
      get(client, 'bondingManagerAddr', [], at).then(lower),
      get(client, 'ticketBrokerAddr', [], at).then(lower),
      get(client, 'merkleSnapshotAddr', [], at).then(lower),
      get(client, 'tokenAddr', [], at).then(lower),
      get(client, 'l1MigratorAddr', [], at).then(lower),
      get(client, 'delegatorPoolImpl', [], at).then(lower),
    ])
  return { controller, bondingManager, ticketBroker, merkleSnapshot, token, l1Migrator, delegatorPoolImpl }
}

/** Reads the protocol's contracts from the Controller anew; anybody may. */
export const syncControllerContracts = (
  client: ChainClient,
  sender: TxSender,
  address: Address,
  call?: Call,
): Promise<TxResult> => l2Migrator(address).send(client, sender, 'syncControllerContracts', [], call)

/** Sets L1Migrator and pool code, and reads the protocol's contracts from the Controller. For the Controller's owner. */
export const initialize = (
  client: ChainClient,
  sender: TxSender,
  params: { readonly l2Migrator: Address; readonly l1Migrator: Address; readonly delegatorPoolImpl: Address },
  call?: Call,
): Promise<TxResult> =>
  l2Migrator(params.l2Migrator).send(client, sender, 'initialize', [params.l1Migrator, params.delegatorPoolImpl], call)

/** Lets stake be claimed with a proof, or no more. For the Controller's owner. */
export const setClaimStakeEnabled = (
  client: ChainClient,
  sender: TxSender,
  params: { readonly l2Migrator: Address; readonly enabled: boolean },
  call?: Call,
): Promise<TxResult> =>
  l2Migrator(params.l2Migrator).send(client, sender, 'setClaimStakeEnabled', [params.enabled], call)

/** Sets what pools are copies of. For the Controller's owner. */
export const setDelegatorPoolImpl = (
  client: ChainClient,
  sender: TxSender,
  params: { readonly l2Migrator: Address; readonly delegatorPoolImpl: Address },
  call?: Call,
): Promise<TxResult> =>
  l2Migrator(params.l2Migrator).send(client, sender, 'setDelegatorPoolImpl', [params.delegatorPoolImpl], call)

/** Sets whose messages count. For the Controller's owner. */
export const setL1Migrator = (
  client: ChainClient,
  sender: TxSender,
  params: { readonly l2Migrator: Address; readonly l1Migrator: Address },
  call?: Call,
): Promise<TxResult> => l2Migrator(params.l2Migrator).send(client, sender, 'setL1Migrator', [params.l1Migrator], call)
