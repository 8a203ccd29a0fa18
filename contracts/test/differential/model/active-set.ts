import { forever, sub } from './arithmetic.ts'
import { contains, type Hint, insert, remove, restake } from './pool.ts'
import { checkpointActiveStake } from './votes.ts'
import { type Account, key, type World } from './world.ts'

// Who is active, with how much stake, in this round and the next. Specification, section 3.3.

export const isRegistered = (world: World, account: Account): boolean => {
  const { delegate, bonded } = world.delegators.get(account)
  return delegate === account && bonded > 0n
}

export function isActive(world: World, account: Account, round: bigint): boolean {
  const { activationRound, deactivationRound } = world.transcoders.get(account)
  return activationRound <= round && round < deactivationRound
}

export const isInPool = (world: World, account: Account): boolean => contains(world.bonding.now.pool, account)

/** Adds stake to what an account answers for; with enough of it a registered transcoder joins the pool. */
export function increaseStake(world: World, account: Account, amount: bigint, round: bigint, hint: Hint): void {
  const stake = world.delegators.get(account).delegated + amount
  const { pool, maxActive, nextActiveStake } = world.bonding.now
  const keepsHistory = isInPool(world, account) || isActive(world, account, round)
  if (isInPool(world, account)) {
    world.bonding.change({
      pool: restake(pool, maxActive, { id: account, stake }, hint),
      nextActiveStake: nextActiveStake + amount,
    })
  } else if (isRegistered(world, account)) tryToJoin(world, account, stake, round, hint)
  if (keepsHistory) noteStake(world, account, stake, round)
  world.delegators.change(account, { delegated: stake })
}

/** Takes stake away from what an account answers for; nobody takes its place in the pool because of that. */
export function decreaseStake(world: World, account: Account, amount: bigint, round: bigint, hint: Hint): void {
  const stake = sub(world.delegators.get(account).delegated, amount)
  const { pool, maxActive, nextActiveStake } = world.bonding.now
  const keepsHistory = isInPool(world, account) || isActive(world, account, round)
  if (isInPool(world, account)) {
    world.bonding.change({
      pool: restake(pool, maxActive, { id: account, stake }, hint),
      nextActiveStake: sub(nextActiveStake, amount),
    })
  }
  if (keepsHistory) noteStake(world, account, stake, round)
  world.delegators.change(account, { delegated: stake })
}

/** Puts a transcoder into the pool, in the place of the last one if there is no other; does nothing if it has no more than that. */
export function tryToJoin(world: World, account: Account, stake: bigint, round: bigint, hint: Hint): void {
  const { pool, maxActive } = world.bonding.now
  if (BigInt(pool.length) === maxActive) {
    const last = pool.at(-1)!.id
    if (stake <= world.delegators.get(last).delegated) return
    leave(world, last, round)
  }
  world.bonding.change({
    pool: insert(world.bonding.now.pool, maxActive, { id: account, stake }, hint),
    nextActiveStake: world.bonding.now.nextActiveStake + stake,
  })
  world.transcoders.change(account, {
    lastStakeUpdateRound: round + 1n,
    activationRound: round + 1n,
    deactivationRound: forever,
  })
  world.earnings.change(key(account, round + 1n), { stake })
  world.emit('BondingManager', 'TranscoderActivated', account, round + 1n)
}

/** Takes a transcoder out of the pool; it stays active for the rest of the round. */
export function leave(world: World, account: Account, round: bigint): void {
  const { pool, nextActiveStake } = world.bonding.now
  world.bonding.change({
    pool: remove(pool, account),
    nextActiveStake: sub(nextActiveStake, world.delegators.get(account).delegated),
  })
  world.transcoders.change(account, { deactivationRound: round + 1n })
  world.emit('BondingManager', 'TranscoderDeactivated', account, round + 1n)
}

/** A round begins: what was the next active stake is the current one, and so for the treasury's cut. */
export function takeNextActiveStake(world: World, round: bigint): void {
  const { nextActiveStake, treasuryCut, nextTreasuryCut } = world.bonding.now
  world.bonding.change({ currentActiveStake: nextActiveStake, treasuryCut: nextTreasuryCut })
  if (nextTreasuryCut !== treasuryCut) world.emit('BondingManager', 'ParameterUpdate', 'treasuryRewardCutRate')
  checkpointActiveStake(world, round)
}

/** Keeps the stake of this round, before it changes for the next. */
function noteStake(world: World, account: Account, stake: bigint, round: bigint): void {
  const { lastStakeUpdateRound } = world.transcoders.get(account)
  const before = world.delegators.get(account).delegated
  if (lastStakeUpdateRound < round) world.earnings.change(key(account, round), { stake: before })
  world.earnings.change(key(account, round + 1n), { stake })
  world.transcoders.change(account, { lastStakeUpdateRound: round + 1n })
}
