import { decreaseStake, increaseStake, isActive, isInPool, isRegistered, leave, tryToJoin } from './active-set.ts'
import { forever, millionths, sub } from './arithmetic.ts'
import { claimOnce, reward, startFactors } from './earnings.ts'
import { demand } from './failure.ts'
import { giveEther, giveLpt, takeStake } from './minter.ts'
import type { Hint } from './pool.ts'
import { currentRound, currentRoundLocked, demandRunning, usableRound } from './rounds.ts'
import { checkpoint } from './votes.ts'
import { type Account, key, migrator, nobody, noLock, type World } from './world.ts'

// Stake and who answers for it. Specification, sections 3.1 to 3.3.

export type Status = 'pending' | 'bonded' | 'unbonded'

export function statusOf(world: World, account: Account, round = currentRound(world)): Status {
  const { bonded, startRound } = world.delegators.get(account)
  if (bonded === 0n) return 'unbonded'
  return startRound > round ? 'pending' : 'bonded'
}

type Bond = { sender: Account; amount: bigint; owner: Account; to: Account; oldHint: Hint; newHint: Hint }

export function bond(world: World, { sender, amount, owner, to, oldHint, newHint }: Bond): void {
  const round = usableRound(world)
  demandHarmlessClaim(world, sender, owner, round)
  claimOnce(world, owner, round)
  demandRewardedIfLeaving(world, to, round)

  const { delegate: old, bonded } = world.delegators.get(owner)
  if (sender !== owner && sender !== migrator) {
    demand(owner !== nobody, 'INVALID_DELEGATOR')
    if (bonded === 0n) demand(to !== owner, 'INVALID_DELEGATE')
    else demand(old === to, 'INVALID_DELEGATE_CHANGE')
  }

  let moved = amount
  if (bonded === 0n) world.delegators.change(owner, { startRound: round + 1n })
  else if (old !== to) {
    demand(!isRegistered(world, owner), "registered transcoders can't delegate towards other addresses")
    world.delegators.change(owner, { startRound: round + 1n })
    moved = amount + bonded
    decreaseStake(world, old, bonded, round, oldHint)
    checkpoint(world, old)
  }
  startFactors(world, to, round)
  demand(moved > 0n, 'delegation amount must be greater than 0')

  world.delegators.change(owner, { delegate: to, bonded: bonded + amount })
  increaseStake(world, to, moved, round, newHint)
  if (to !== owner) checkpoint(world, to)
  if (amount > 0n) takeStake(world, sender, amount)
  world.emit('BondingManager', 'Bond', to, old, owner, amount, bonded + amount)
  checkpoint(world, owner)
}

export function unbond(world: World, account: Account, amount: bigint, hint: Hint): void {
  const round = usableRound(world)
  claimOnce(world, account, round)
  demand(statusOf(world, account) === 'bonded', 'caller must be bonded')
  demand(amount > 0n, 'unbond amount must be greater than 0')
  const { bonded, delegate, nextLock } = world.delegators.get(account)
  demand(amount <= bonded, 'amount is greater than bonded amount')

  const withdrawRound = round + world.bonding.now.unbondingPeriod
  world.locks.set(key(account, nextLock), { amount, withdrawRound })
  world.delegators.change(account, { bonded: bonded - amount, nextLock: nextLock + 1n })
  if (bonded === amount) {
    world.delegators.change(account, { delegate: nobody, startRound: 0n })
    if (isInPool(world, account)) leave(world, account, round)
  }
  decreaseStake(world, delegate, amount, round, hint)
  if (delegate !== account) checkpoint(world, delegate)
  world.emit('BondingManager', 'Unbond', delegate, account, nextLock, amount, withdrawRound)
  checkpoint(world, account)
}

export function rebond(world: World, account: Account, lock: bigint, hint: Hint): void {
  const round = usableRound(world)
  claimOnce(world, account, round)
  demand(statusOf(world, account) !== 'unbonded', 'caller must be bonded')
  bondLock(world, account, lock, round, hint)
}

export function rebondFromUnbonded(world: World, account: Account, to: Account, lock: bigint, hint: Hint): void {
  const round = usableRound(world)
  claimOnce(world, account, round)
  demand(statusOf(world, account) === 'unbonded', 'caller must be unbonded')
  startFactors(world, to, round)
  world.delegators.change(account, { startRound: round + 1n, delegate: to })
  bondLock(world, account, lock, round, hint)
}

type Transfer = { sender: Account; to: Account; amount: bigint; oldHint: Hint; newHint: Hint }

export function transferBond(world: World, { sender, to, amount, oldHint, newHint }: Transfer): void {
  const round = usableRound(world)
  demandHarmlessClaim(world, sender, to, round)
  claimOnce(world, sender, round)
  const oldDelegate = world.delegators.get(sender).delegate
  unbond(world, sender, amount, oldHint)

  const oldLock = world.delegators.get(sender).nextLock - 1n
  const lock = world.locks.get(key(sender, oldLock))
  world.locks.set(key(sender, oldLock), noLock)
  const newLock = world.delegators.get(to).nextLock
  world.locks.set(key(to, newLock), lock)
  world.delegators.change(to, { nextLock: newLock + 1n })
  world.emit('BondingManager', 'TransferBond', sender, to, oldLock, newLock, amount)

  claimOnce(world, to, round)
  const { delegate, bonded } = world.delegators.get(to)
  if (delegate === nobody && bonded === 0n) {
    demand(oldDelegate !== to && to !== nobody, 'INVALID_DELEGATOR')
    world.delegators.change(to, { delegate: oldDelegate })
  }
  if (statusOf(world, to) === 'unbonded') world.delegators.change(to, { startRound: round + 1n })
  bondLock(world, to, newLock, round, newHint)
}

export function withdrawStake(world: World, account: Account, id: bigint): void {
  const round = usableRound(world)
  const lock = world.locks.get(key(account, id))
  demand(lock.withdrawRound > 0n, 'invalid unbonding lock ID')
  demand(lock.withdrawRound <= round, 'withdraw round must be before or equal to the current round')
  world.locks.set(key(account, id), noLock)
  giveLpt(world, account, lock.amount)
  world.emit('BondingManager', 'WithdrawStake', account, id, lock.amount, lock.withdrawRound)
}

export function withdrawFees(world: World, account: Account, recipient: Account, amount: bigint): void {
  const round = usableRound(world)
  claimOnce(world, account, round)
  demand(recipient !== nobody, 'invalid recipient')
  const { fees } = world.delegators.get(account)
  demand(fees >= amount, 'insufficient fees to withdraw')
  world.delegators.change(account, { fees: sub(fees, amount) })
  giveEther(world, recipient, amount)
  world.emit('BondingManager', 'WithdrawFees', account, recipient, amount)
  checkpoint(world, account)
}

export function claimEarnings(world: World, account: Account): void {
  const round = usableRound(world)
  claimOnce(world, account, round)
  checkpoint(world, account)
}

type Terms = { account: Account; rewardCut: bigint; feeShare: bigint; hint: Hint }

export function setTerms(world: World, { account, rewardCut, feeShare, hint }: Terms): void {
  const round = usableRound(world)
  demand(!currentRoundLocked(world), "can't update transcoder params, current round is locked")
  demand(millionths.valid(rewardCut), 'invalid rewardCut percentage')
  demand(millionths.valid(feeShare), 'invalid feeShare percentage')
  demand(isRegistered(world, account), 'transcoder must be registered')
  demand(
    !isActive(world, account, round) || world.transcoders.get(account).lastRewardRound === round,
    "caller can't be active or must have already called reward for the current round",
  )
  world.transcoders.change(account, { rewardCut, feeShare })
  if (!isInPool(world, account)) tryToJoin(world, account, world.delegators.get(account).delegated, round, hint)
  world.emit('BondingManager', 'TranscoderUpdate', account, rewardCut, feeShare)
}

export function callReward(world: World, account: Account, hint: Hint): void {
  reward(world, account, usableRound(world), hint)
}

export function callRewardFor(world: World, sender: Account, account: Account, hint: Hint): void {
  const round = usableRound(world)
  demand(world.transcoders.get(account).rewardCaller === sender, 'caller must be reward caller of transcoder')
  reward(world, account, round, hint)
}

export function setRewardCaller(world: World, account: Account, rewardCaller: Account): void {
  demandRunning(world)
  world.transcoders.change(account, { rewardCaller })
  world.emit('BondingManager', 'RewardCallerSet', account, rewardCaller)
}

/** Turns a lock back into stake with the account's delegate. */
function bondLock(world: World, account: Account, id: bigint, round: bigint, hint: Hint): void {
  const { amount, withdrawRound } = world.locks.get(key(account, id))
  demand(withdrawRound > 0n, 'invalid unbonding lock ID')
  world.locks.set(key(account, id), noLock)
  const { delegate, bonded } = world.delegators.get(account)
  world.delegators.change(account, { bonded: bonded + amount })
  demandRewardedIfLeaving(world, delegate, round)
  increaseStake(world, delegate, amount, round, hint)
  if (delegate !== account) checkpoint(world, delegate)
  world.emit('BondingManager', 'Rebond', delegate, account, id, amount)
  checkpoint(world, account)
}

/** A claim before the delegate's reward forfeits a share of it, so nobody may force that on somebody else. */
function demandHarmlessClaim(world: World, sender: Account, account: Account, round: bigint): void {
  if (sender === account || sender === migrator || statusOf(world, account) === 'unbonded') return
  const { delegate, lastClaimRound } = world.delegators.get(account)
  if (!isActive(world, delegate, round)) return
  const harmless = world.transcoders.get(delegate).lastRewardRound === round || lastClaimRound === round
  demand(harmless, 'ILLEGAL_CLAIM_EARNINGS')
}

function demandRewardedIfLeaving(world: World, account: Account, round: bigint): void {
  const { deactivationRound, lastRewardRound } = world.transcoders.get(account)
  if (!isActive(world, account, round) || deactivationRound === forever) return
  demand(lastRewardRound === round, 'transcoder has not yet called reward for the current round')
}
