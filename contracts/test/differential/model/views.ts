import type { Recorded } from '../../../ts/testing/recording.ts'
import { isActive, isRegistered } from './active-set.ts'
import { statusOf } from './bonding.ts'
import { pending } from './earnings.ts'
import { currentRound, currentRoundInitialized, currentRoundLocked, currentRoundStartBlock } from './rounds.ts'
import { claimableReserve } from './tickets.ts'
import { activeStakeAt, delegateAt, demandPast, votesAt } from './votes.ts'
import { key, nobody, type World } from './world.ts'

type View = (world: World, ...args: string[]) => Recorded

const text = (value: bigint | number): Recorded => String(value)

const bonding: Record<string, View> = {
  getTranscoderPoolSize: (world) => text(world.bonding.now.pool.length),
  getTranscoderPoolMaxSize: (world) => text(world.bonding.now.maxActive),
  getFirstTranscoderInPool: (world) => world.bonding.now.pool[0]?.id ?? nobody,
  getNextTranscoderInPool: (world, account) => {
    const { pool } = world.bonding.now
    const place = pool.findIndex((member) => member.id === account)
    return place < 0 ? nobody : (pool[place + 1]?.id ?? nobody)
  },
  getTotalBonded: (world) => text(world.bonding.now.currentActiveStake),
  nextRoundTotalActiveStake: (world) => text(world.bonding.now.nextActiveStake),
  treasuryRewardCutRate: (world) => text(world.bonding.now.treasuryCut),
  nextRoundTreasuryRewardCutRate: (world) => text(world.bonding.now.nextTreasuryCut),
  treasuryBalanceCeiling: (world) => text(world.bonding.now.treasuryCeiling),
  unbondingPeriod: (world) => text(world.bonding.now.unbondingPeriod),
  getDelegator: (world, account) => {
    const d = world.delegators.get(account!)
    return [d.bonded, d.fees, d.delegate, d.delegated, d.startRound, d.lastClaimRound, d.nextLock].map(String)
  },
  getDelegatorUnbondingLock: (world, account, id) => Object.values(world.locks.get(key(account!, id!))).map(String),
  pendingStake: (world, account) => text(pending(world, account!, currentRound(world)).stake),
  pendingFees: (world, account) => text(pending(world, account!, currentRound(world)).fees),
  delegatorStatus: (world, account) => text(['pending', 'bonded', 'unbonded'].indexOf(statusOf(world, account!))),
  transcoderStatus: (world, account) => text(isRegistered(world, account!) ? 1 : 0),
  isRegisteredTranscoder: (world, account) => isRegistered(world, account!),
  getTranscoder: (world, account) => {
    const { rewardCaller, ...figures } = world.transcoders.get(account!)
    return Object.values(figures).map(String)
  },
  transcoderToRewardCaller: (world, account) => world.transcoders.get(account!).rewardCaller,
  transcoderTotalStake: (world, account) => text(world.delegators.get(account!).delegated),
  isActiveTranscoder: (world, account) => isActive(world, account!, currentRound(world)),
  getTranscoderEarningsPoolForRound: (world, account, round) =>
    Object.values(world.earnings.get(key(account!, round!))).map(String),
}

const votes: Record<string, View> = {
  totalSupply: (world) => text(activeStakeAt(world, currentRound(world) + 1n)),
  getPastTotalSupply: (world, round) => {
    demandPast(world, BigInt(round!))
    return text(activeStakeAt(world, BigInt(round!) + 1n))
  },
  getVotes: (world, account) => text(votesAt(world, account!, currentRound(world) + 1n)),
  getPastVotes: (world, account, round) => {
    demandPast(world, BigInt(round!))
    return text(votesAt(world, account!, BigInt(round!) + 1n))
  },
  delegates: (world, account) => delegateAt(world, account!, currentRound(world) + 1n),
  delegatedAt: (world, account, round) => {
    demandPast(world, BigInt(round!))
    return delegateAt(world, account!, BigInt(round!) + 1n)
  },
  hasCheckpoint: (world, account) => world.checkpointRounds.get(account!).length > 0,
}

const broker: Record<string, View> = {
  getSenderInfo: (world, account) => {
    const { deposit, withdrawRound, reserve } = world.senders.get(account!)
    const claimed = world.reserveClaims.get(key(account!, currentRound(world)))
    return [
      [text(deposit), text(withdrawRound)],
      [text(reserve), text(claimed)],
    ]
  },
  isUnlockInProgress: (world, account) => world.senders.get(account!).withdrawRound > 0n,
  claimableReserve: (world, holder, claimant) => text(claimableReserve(world, holder!, claimant!)),
  claimedReserve: (world, holder, claimant) =>
    text(world.reserveClaimsBy.get(key(holder!, currentRound(world), claimant!))),
  unlockPeriod: (world) => text(world.broker.now.unlockPeriod),
  ticketValidityPeriod: (world) => text(world.broker.now.ticketValidityPeriod),
}

/** The view functions of the contracts, with results in the form of the recordings. */
export const views: Record<string, Record<string, View>> = {
  BondingManager: bonding,
  BondingVotes: votes,
  TicketBroker: broker,
  RoundsManager: {
    currentRound: (world) => text(currentRound(world)),
    currentRoundInitialized,
    currentRoundLocked,
    currentRoundStartBlock: (world) => text(currentRoundStartBlock(world)),
    blockNum: (world) => text(world.rounds.now.block),
    roundLength: (world) => text(world.rounds.now.length),
    lastInitializedRound: (world) => text(world.rounds.now.lastInitialized),
    blockHashForRound: (world, round) => world.blockHashOfRound.get(round!),
  },
  Minter: {
    inflation: (world) => text(world.minter.now.inflation),
    currentMintableTokens: (world) => text(world.minter.now.mintable),
    currentMintedTokens: (world) => text(world.minter.now.minted),
  },
  LivepeerToken: {
    totalSupply: (world) => text(world.minter.now.supply),
    balanceOf: (world, account) => text(world.lpt.get(account!)),
  },
  Controller: { paused: (world) => world.system.now.paused },
  ServiceRegistry: { getServiceURI: (world, account) => world.serviceURIs.get(account!) },
}
