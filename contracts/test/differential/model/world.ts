import type { Recorded, RecordedEvent, RecordedParameters } from '../../../ts/testing/recording.ts'
import { forever } from './arithmetic.ts'
import { Cell, Journal, Table } from './journal.ts'
import type { Member } from './pool.ts'

/** Accounts and contracts go by name, as in the recordings. */
export type Account = string

export const nobody: Account = 'ZERO'
export const owner: Account = 'OWNER'
export const treasury: Account = 'TREASURY'
export const migrator: Account = 'MIGRATOR'

export type Lock = { amount: bigint; withdrawRound: bigint }

export const noLock: Lock = { amount: 0n, withdrawRound: 0n }

export type Delegator = {
  bonded: bigint
  fees: bigint
  delegate: Account
  delegated: bigint
  startRound: bigint
  lastClaimRound: bigint
  nextLock: bigint
}

export type Transcoder = {
  lastRewardRound: bigint
  rewardCut: bigint
  feeShare: bigint
  lastStakeUpdateRound: bigint
  activationRound: bigint
  deactivationRound: bigint
  activeCumulativeRewards: bigint
  cumulativeRewards: bigint
  cumulativeFees: bigint
  lastFeeRound: bigint
  rewardCaller: Account
}

/** What one transcoder earned in one round, for all who delegate to it. */
export type Earnings = { stake: bigint; rewardCut: bigint; feeShare: bigint; rewardFactor: bigint; feeFactor: bigint }

/** A bond as it counts in votes from a round on. */
export type Checkpoint = {
  bonded: bigint
  delegate: Account
  delegated: bigint
  lastClaimRound: bigint
  lastRewardRound: bigint
}

export type Sender = { deposit: bigint; withdrawRound: bigint; reserve: bigint }

const noDelegator: Delegator = {
  bonded: 0n,
  fees: 0n,
  delegate: nobody,
  delegated: 0n,
  startRound: 0n,
  lastClaimRound: 0n,
  nextLock: 0n,
}

const noTranscoder: Transcoder = {
  lastRewardRound: 0n,
  rewardCut: 0n,
  feeShare: 0n,
  lastStakeUpdateRound: 0n,
  activationRound: 0n,
  deactivationRound: 0n,
  activeCumulativeRewards: 0n,
  cumulativeRewards: 0n,
  cumulativeFees: 0n,
  lastFeeRound: 0n,
  rewardCaller: nobody,
}

const noEarnings: Earnings = { stake: 0n, rewardCut: 0n, feeShare: 0n, rewardFactor: 0n, feeFactor: 0n }

export const noCheckpoint: Checkpoint = {
  bonded: 0n,
  delegate: nobody,
  delegated: 0n,
  lastClaimRound: 0n,
  lastRewardRound: 0n,
}

/** Everything that the contracts remember, as the specification describes it, and the logs of the call that is running. */
export type World = ReturnType<typeof createWorld>

/** A network as the recordings set it up: everybody in `holders` has LPT and lets the BondingManager take it. */
export function createWorld(parameters: RecordedParameters, holders: readonly Account[], ether: bigint) {
  const journal = new Journal()
  const of = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, BigInt(value)])) as Record<
    keyof RecordedParameters,
    bigint
  >
  const events: RecordedEvent[] = []

  const world = {
    journal,
    events,
    emit(contract: string, name: string, ...args: (bigint | string)[]): void {
      events.push({ contract, name, args: args.map((arg): Recorded => String(arg)) })
      journal.record(() => events.pop())
    },

    system: new Cell(journal, { paused: false }),
    rounds: new Cell(journal, {
      block: 0n,
      hash: `0x${'0'.repeat(64)}`,
      length: of.roundLength,
      lockAmount: of.roundLockAmount,
      lastInitialized: 0n,
      lengthUpdateRound: 0n,
      lengthUpdateStartBlock: 0n,
    }),
    blockHashOfRound: new Table<string>(journal, `0x${'0'.repeat(64)}`),
    upgradeRoundOfLip: new Table(journal, 0n),

    lpt: new Table(journal, 0n),
    allowance: new Table(journal, 0n),
    ether: new Table(journal, ether),
    minter: new Cell(journal, {
      supply: 0n,
      inflation: of.inflation,
      inflationChange: of.inflationChange,
      targetBondingRate: of.targetBondingRate,
      mintable: 0n,
      minted: 0n,
    }),

    bonding: new Cell(journal, {
      unbondingPeriod: of.unbondingPeriod,
      maxActive: of.numActiveTranscoders,
      currentActiveStake: 0n,
      nextActiveStake: 0n,
      treasuryCut: 0n,
      nextTreasuryCut: of.treasuryRewardCutRate,
      treasuryCeiling: of.treasuryBalanceCeiling,
      pool: [] as readonly Member[],
    }),
    delegators: new Table(journal, noDelegator),
    transcoders: new Table(journal, noTranscoder),
    /** By transcoder and round. */
    earnings: new Table(journal, noEarnings),
    /** By delegator and id. */
    locks: new Table(journal, noLock),

    /** By account and round. */
    checkpoints: new Table(journal, noCheckpoint),
    /** Rounds of an account's checkpoints, oldest first. */
    checkpointRounds: new Table<readonly bigint[]>(journal, []),
    activeStake: new Table(journal, 0n),
    activeStakeRounds: new Cell<{ all: readonly bigint[] }>(journal, { all: [] }),

    broker: new Cell(journal, { unlockPeriod: of.unlockPeriod, ticketValidityPeriod: of.ticketValidityPeriod }),
    senders: new Table<Sender>(journal, { deposit: 0n, withdrawRound: 0n, reserve: 0n }),
    /** By reserve holder and round. */
    reserveClaims: new Table(journal, 0n),
    /** By reserve holder, round and claimant. */
    reserveClaimsBy: new Table(journal, 0n),
    usedTickets: new Table(journal, false),
    serviceURIs: new Table(journal, ''),
  }

  for (const holder of holders) {
    world.lpt.set(holder, of.initialLPT)
    world.allowance.set(holder, forever)
  }
  world.lpt.set(owner, of.ownerLPT)
  world.minter.change({ supply: of.initialLPT * BigInt(holders.length) + of.ownerLPT })
  world.ether.set('Minter', 0n)
  journal.commit()
  return world
}

/** Key of what belongs to several things at once. */
export const key = (...parts: (string | bigint)[]): string => parts.join('/')
