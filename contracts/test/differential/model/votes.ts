import { precise } from './arithmetic.ts'
import { failWith } from './failure.ts'
import { currentRound } from './rounds.ts'
import { type Account, type Checkpoint, key, noCheckpoint, type World } from './world.ts'

// Voting power: bonds and the active stake as they were when a round began. Specification, section 5, BondingVotes.

/** Writes down an account's bond for votes from the next round on. */
export function checkpoint(world: World, account: Account): void {
  const round = currentRound(world) + 1n
  const { bonded, delegate, delegated, lastClaimRound } = world.delegators.get(account)
  const { lastRewardRound } = world.transcoders.get(account)
  const now: Checkpoint = { bonded, delegate, delegated, lastClaimRound, lastRewardRound }

  const rounds = world.checkpointRounds.get(account)
  const newest = rounds.at(-1)
  const before = newest === undefined ? noCheckpoint : world.checkpoints.get(key(account, newest))
  if (newest !== round) world.checkpointRounds.set(account, [...rounds, round])
  world.checkpoints.set(key(account, round), now)

  if (before.delegate !== now.delegate) {
    world.emit('BondingVotes', 'DelegateChanged', account, before.delegate, now.delegate)
  }
  const delegatedVotes = (bond: Checkpoint) => (bond.delegate === account ? bond.delegated : 0n)
  if (delegatedVotes(before) !== delegatedVotes(now)) {
    world.emit('BondingVotes', 'DelegateVotesChanged', account, delegatedVotes(before), delegatedVotes(now))
  }
  if (before.bonded !== now.bonded || before.lastClaimRound !== now.lastClaimRound) {
    const amounts = [before.bonded, before.lastClaimRound, now.bonded, now.lastClaimRound]
    world.emit('BondingVotes', 'DelegatorBondedAmountChanged', account, ...amounts)
  }
}

/** Writes down the active stake of a round that begins. */
export function checkpointActiveStake(world: World, round: bigint): void {
  world.activeStake.set(String(round), world.bonding.now.currentActiveStake)
  world.activeStakeRounds.change({ all: [...world.activeStakeRounds.now.all, round] })
}

/** Votes with which an account starts a round, the next one at the latest. */
export function votesAt(world: World, account: Account, round: bigint): bigint {
  demandKnown(world, round)
  const bond = checkpointAt(world, account, round)
  if (bond.bonded === 0n) return 0n
  if (bond.delegate === account) return bond.delegated

  const transcoder = checkpointAt(world, bond.delegate, round)
  if (transcoder.delegate !== bond.delegate || transcoder.bonded === 0n) return 0n
  if (transcoder.lastRewardRound < bond.lastClaimRound) return bond.bonded
  const factorOf = (at: bigint) => world.earnings.get(key(bond.delegate, at)).rewardFactor
  const end = factorOf(transcoder.lastRewardRound)
  if (end === 0n) failWith('MissingEarningsPool', bond.delegate, transcoder.lastRewardRound)
  return precise.ofFraction(bond.bonded, end, factorOf(bond.lastClaimRound) || precise.whole)
}

/** Account to which somebody's bond belongs when a round starts. */
export const delegateAt = (world: World, account: Account, round: bigint): Account =>
  checkpointAt(world, account, round).delegate

/** Stake that counts in a round: the sum of all votes. */
export function activeStakeAt(world: World, round: bigint): bigint {
  demandKnown(world, round)
  const rounds = world.activeStakeRounds.now.all
  const first = rounds[0]
  if (first === undefined || round < first) return 0n
  const exact = world.activeStake.get(String(round))
  if (exact > 0n || rounds.includes(round)) return exact
  const later = rounds.find((other) => other > round)
  return later === undefined ? world.bonding.now.nextActiveStake : world.activeStake.get(String(later))
}

/** Fails unless the round is over. */
export function demandPast(world: World, round: bigint): void {
  const now = currentRound(world)
  if (round >= now) failWith('FutureLookup', round, now - 1n)
}

function demandKnown(world: World, round: bigint): void {
  const last = currentRound(world) + 1n
  if (round > last) failWith('FutureLookup', round, last)
}

function checkpointAt(world: World, account: Account, round: bigint): Checkpoint {
  const exact = world.checkpoints.get(key(account, round))
  if (exact.bonded > 0n) return exact
  const newest = world.checkpointRounds.get(account).findLast((other) => other <= round)
  return newest === undefined ? noCheckpoint : world.checkpoints.get(key(account, newest))
}
