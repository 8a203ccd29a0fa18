import type { Lpt, Perc6, Perc27, Round, Wei } from '@millrace/base'
import { bondingManagerAbi } from '@millrace/contracts'
import type { Address } from '@millrace/wire'
import type { ChainClient } from '../client.ts'
import { lower, openContract } from './contract.ts'
import type { At } from './read.ts'

const { get } = openContract(bondingManagerAbi, (client) => client.addresses.bondingManager)

const DELEGATOR_STATUS = ['pending', 'bonded', 'unbonded'] as const
const TRANSCODER_STATUS = ['not registered', 'registered'] as const

export type DelegatorStatus = (typeof DELEGATOR_STATUS)[number]
export type TranscoderStatus = (typeof TRANSCODER_STATUS)[number]

/** Stake of all active orchestrators of the current round. */
export const currentRoundTotalActiveStake = (client: ChainClient, at: At = {}): Promise<Lpt> =>
  get(client, 'currentRoundTotalActiveStake', [], at)

/** 'pending' until the round after bonding, 'bonded' then, 'unbonded' without stake. */
export const delegatorStatus = (client: ChainClient, delegator: Address, at: At = {}): Promise<DelegatorStatus> =>
  get(client, 'delegatorStatus', [delegator], at).then((status) => DELEGATOR_STATUS[status]!)

/** What the contract keeps of a delegator. `delegatedAmount` is what others and it itself delegated to it. */
export type Delegator = {
  readonly bondedAmount: Lpt
  readonly fees: Wei
  readonly delegateAddress: Address
  readonly delegatedAmount: Lpt
  readonly startRound: Round
  readonly lastClaimRound: Round
  readonly nextUnbondingLockId: bigint
}

/** A delegator as the contract keeps it, without the earnings since its last claim. */
export const getDelegator = async (client: ChainClient, delegator: Address, at: At = {}): Promise<Delegator> => {
  const [bondedAmount, fees, delegateAddress, delegatedAmount, startRound, lastClaimRound, nextUnbondingLockId] =
    await get(client, 'getDelegator', [delegator], at)
  return {
    bondedAmount,
    fees,
    delegateAddress: lower(delegateAddress),
    delegatedAmount,
    startRound,
    lastClaimRound,
    nextUnbondingLockId,
  }
}

/** Stake that was taken out, and the round from which it can be withdrawn. */
export type Lock = {
  readonly amount: Lpt
  readonly withdrawRound: Round
}

/** Stake that waits to be withdrawn; all zero for a lock that is not there. */
export const getDelegatorUnbondingLock = async (
  client: ChainClient,
  lock: { readonly delegator: Address; readonly unbondingLockId: bigint },
  at: At = {},
): Promise<Lock> => {
  const [amount, withdrawRound] = await get(
    client,
    'getDelegatorUnbondingLock',
    [lock.delegator, lock.unbondingLockId],
    at,
  )
  return { amount, withdrawRound }
}

/** The orchestrator with most stake in the pool; the zero address if the pool is empty. */
export const getFirstTranscoderInPool = (client: ChainClient, at: At = {}): Promise<Address> =>
  get(client, 'getFirstTranscoderInPool', [], at).then(lower)

/** The one that follows in the pool; the zero address after the last. */
export const getNextTranscoderInPool = (client: ChainClient, transcoder: Address, at: At = {}): Promise<Address> =>
  get(client, 'getNextTranscoderInPool', [transcoder], at).then(lower)

/** What the contract keeps of an orchestrator. `cumulativeRewards` and `cumulativeFees` are its own and not claimed yet. */
export type Transcoder = {
  readonly lastRewardRound: Round
  readonly rewardCut: Perc6
  readonly feeShare: Perc6
  readonly lastActiveStakeUpdateRound: Round
  readonly activationRound: Round
  readonly deactivationRound: Round
  readonly activeCumulativeRewards: Lpt
  readonly cumulativeRewards: Lpt
  readonly cumulativeFees: Wei
  readonly lastFeeRound: Round
}

/** An orchestrator as the contract keeps it. */
export const getTranscoder = async (client: ChainClient, transcoder: Address, at: At = {}): Promise<Transcoder> => {
  const [
    lastRewardRound,
    rewardCut,
    feeShare,
    lastActiveStakeUpdateRound,
    activationRound,
    deactivationRound,
    activeCumulativeRewards,
    cumulativeRewards,
    cumulativeFees,
    lastFeeRound,
  ] = await get(client, 'getTranscoder', [transcoder], at)
  return {
    lastRewardRound,
    rewardCut,
    feeShare,
    lastActiveStakeUpdateRound,
    activationRound,
    deactivationRound,
    activeCumulativeRewards,
    cumulativeRewards,
    cumulativeFees,
    lastFeeRound,
  }
}

/** Stake, terms and cumulative factors of an orchestrator in one round. */
export type EarningsPool = {
  readonly totalStake: Lpt
  readonly transcoderRewardCut: Perc6
  readonly transcoderFeeShare: Perc6
  readonly cumulativeRewardFactor: Perc27
  readonly cumulativeFeeFactor: Perc27
}

/** What an orchestrator earned up to a round; zero where nothing happened in that round. */
export const getTranscoderEarningsPoolForRound = async (
  client: ChainClient,
  pool: { readonly transcoder: Address; readonly round: Round },
  at: At = {},
): Promise<EarningsPool> => {
  const [totalStake, transcoderRewardCut, transcoderFeeShare, cumulativeRewardFactor, cumulativeFeeFactor] = await get(
    client,
    'getTranscoderEarningsPoolForRound',
    [pool.transcoder, pool.round],
    at,
  )
  return { totalStake, transcoderRewardCut, transcoderFeeShare, cumulativeRewardFactor, cumulativeFeeFactor }
}

/** How many orchestrators can be active at once. */
export const getTranscoderPoolMaxSize = (client: ChainClient, at: At = {}): Promise<bigint> =>
  get(client, 'getTranscoderPoolMaxSize', [], at)

/** True for an account that has bonded to itself. */
export const isRegisteredTranscoder = (client: ChainClient, transcoder: Address, at: At = {}): Promise<boolean> =>
  get(client, 'isRegisteredTranscoder', [transcoder], at)

/** True while a lock is there. */
export const isValidUnbondingLock = (
  client: ChainClient,
  lock: { readonly delegator: Address; readonly unbondingLockId: bigint },
  at: At = {},
): Promise<boolean> => get(client, 'isValidUnbondingLock', [lock.delegator, lock.unbondingLockId], at)

/** Stake of all orchestrators in the pool: the active stake of the next round. */
export const nextRoundTotalActiveStake = (client: ChainClient, at: At = {}): Promise<Lpt> =>
  get(client, 'nextRoundTotalActiveStake', [], at)

/** The treasury's part of rewards from the next round on. */
export const nextRoundTreasuryRewardCutRate = (client: ChainClient, at: At = {}): Promise<Perc27> =>
  get(client, 'nextRoundTreasuryRewardCutRate', [], at)

/** 'registered' for an account that has bonded to itself. */
export const transcoderStatus = (client: ChainClient, transcoder: Address, at: At = {}): Promise<TranscoderStatus> =>
  get(client, 'transcoderStatus', [transcoder], at).then((status) => TRANSCODER_STATUS[status]!)

/** The account that may call the reward for an orchestrator; the zero address for nobody. */
export const transcoderToRewardCaller = (client: ChainClient, transcoder: Address, at: At = {}): Promise<Address> =>
  get(client, 'transcoderToRewardCaller', [transcoder], at).then(lower)

/** Own and delegated stake of an orchestrator, for the next round. */
export const transcoderTotalStake = (client: ChainClient, transcoder: Address, at: At = {}): Promise<Lpt> =>
  get(client, 'transcoderTotalStake', [transcoder], at)

/** The treasury balance at which its part of rewards ends; 0 for never. */
export const treasuryBalanceCeiling = (client: ChainClient, at: At = {}): Promise<Lpt> =>
  get(client, 'treasuryBalanceCeiling', [], at)

/** The treasury's part of rewards in this round. */
export const treasuryRewardCutRate = (client: ChainClient, at: At = {}): Promise<Perc27> =>
  get(client, 'treasuryRewardCutRate', [], at)

/** Rounds for which stake that is taken out stays locked. */
export const unbondingPeriod = (client: ChainClient, at: At = {}): Promise<bigint> =>
  get(client, 'unbondingPeriod', [], at)

/** How many unbonding locks one slash reaches at most. */
export const locksPerSlash = (client: ChainClient, at: At = {}): Promise<bigint> => get(client, 'locksPerSlash', [], at)

/** The round since which an account's stake is held for a dispute; 0 if it is not. */
export const stakeFrozenSince = (client: ChainClient, account: Address, at: At = {}): Promise<Round> =>
  get(client, 'stakeFrozenSince', [account], at)
