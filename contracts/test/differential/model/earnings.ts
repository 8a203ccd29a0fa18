import { increaseStake, isActive } from './active-set.ts'
import { add, millionths, precise, sub } from './arithmetic.ts'
import { demand, fail, panic } from './failure.ts'
import { createReward, giveLpt } from './minter.ts'
import type { Hint } from './pool.ts'
import { checkpoint } from './votes.ts'
import { type Account, type Earnings, key, nobody, treasury, type World } from './world.ts'

// Rewards and fees by cumulative factors. Specification, sections 3.4 to 3.6.

const one = precise.whole

/** Stake and fees that an account would have if it claimed now. */
export function pending(world: World, account: Account, round: bigint): { stake: bigint; fees: bigint } {
  const { bonded, fees: claimed, delegate, lastClaimRound } = world.delegators.get(account)
  let stake = bonded
  let fees = claimed
  if (lastClaimRound < round) {
    const start = world.earnings.get(key(delegate, lastClaimRound))
    const end = latestFactors(world, delegate, round)
    const startFactor = start.rewardFactor || one
    stake = precise.ofFraction(bonded, end.rewardFactor || one, startFactor)
    fees = add(claimed, precise.ofFraction(bonded, sub(end.feeFactor, start.feeFactor), startFactor))
  }
  if (delegate !== account) return { stake, fees }
  const own = world.transcoders.get(account)
  return { stake: add(stake, own.cumulativeRewards), fees: add(fees, own.cumulativeFees) }
}

/** Claims what the account has earned, unless it has done so in this round. */
export function claimOnce(world: World, account: Account, round: bigint): void {
  if (world.delegators.get(account).lastClaimRound < round) claim(world, account, round)
}

function claim(world: World, account: Account, round: bigint): void {
  const { bonded, fees, delegate, lastClaimRound } = world.delegators.get(account)
  let after = { stake: bonded, fees }
  if (delegate !== nobody) {
    after = pending(world, account, round)
    startFactors(world, delegate, round)
    if (delegate === account) world.transcoders.change(account, { cumulativeRewards: 0n, cumulativeFees: 0n })
  }
  const gains = [after.stake - bonded, after.fees - fees]
  world.emit('BondingManager', 'EarningsClaimed', delegate, account, ...gains, lastClaimRound + 1n, round)
  world.delegators.change(account, { bonded: after.stake, fees: after.fees, lastClaimRound: round })
}

/** Gives a transcoder's round the factors it starts with, so that a claim in it has something to start from. */
export function startFactors(world: World, transcoder: Account, round: bigint): void {
  const { rewardFactor, feeFactor } = latestFactors(world, transcoder, round)
  world.earnings.change(key(transcoder, round), { rewardFactor, feeFactor })
}

/** A transcoder calls its reward, or the caller that it named does. */
export function reward(world: World, account: Account, round: bigint, hint: Hint): void {
  demand(isActive(world, account, round), 'caller must be an active transcoder')
  const { lastRewardRound } = world.transcoders.get(account)
  demand(lastRewardRound !== round, 'caller has already called reward for the current round')
  openRound(world, account, round)
  endTreasuryCutAtCeiling(world)

  const { currentActiveStake, treasuryCut } = world.bonding.now
  const { stake, rewardCut } = world.earnings.get(key(account, round))
  const total = createReward(world, stake, currentActiveStake)
  const forTreasury = precise.of(total, treasuryCut)
  if (forTreasury > 0n) {
    giveLpt(world, treasury, forTreasury)
    world.emit('BondingManager', 'TreasuryReward', account, treasury, forTreasury)
  }

  const rest = total - forTreasury
  const commission = millionths.of(rest, rewardCut)
  const shared = rest - commission
  const active = workingRewards(world, account, round)
  world.transcoders.change(account, { activeCumulativeRewards: active })
  const before = world.earnings.get(key(account, lastRewardRound)).rewardFactor || one
  world.earnings.change(key(account, round), {
    rewardFactor: add(before, precise.ofFraction(before, shared, stake)),
  })
  world.transcoders.change(account, {
    cumulativeRewards: active + precise.ofFraction(shared, active, stake) + commission,
  })
  increaseStake(world, account, rest, round, hint)
  world.transcoders.change(account, { lastRewardRound: round })
  world.emit('BondingManager', 'Reward', account, rest)
  checkpoint(world, account)
}

/** Books fees that a transcoder was paid with a ticket. */
export function bookFees(world: World, account: Account, fees: bigint, round: bigint): void {
  demand(isActive(world, account, round), 'transcoder must be active')
  const before = latestFactors(world, account, round - 1n)
  const { lastRewardRound } = world.transcoders.get(account)
  if (round > lastRewardRound) openRound(world, account, round)

  const now = world.earnings.get(key(account, round))
  let previousFactor = before.rewardFactor
  // Rewards of this round are in its factor already, but these fees were earned with the stake before them.
  if (previousFactor === 0n && lastRewardRound === round) {
    const { currentActiveStake, treasuryCut } = world.bonding.now
    const rewards = precise.ofFraction(world.minter.now.mintable, now.stake, currentActiveStake)
    const rest = rewards - precise.of(rewards, treasuryCut)
    const shared = rest - millionths.of(rest, now.rewardCut)
    previousFactor = precise.ofFraction(now.rewardFactor, now.stake, shared + now.stake)
  }

  const active = workingRewards(world, account, round)
  const shared = millionths.of(fees, now.feeShare)
  const own = precise.ofFraction(shared, active, now.stake) + (fees - shared)
  world.transcoders.change(account, {
    cumulativeFees: add(world.transcoders.get(account).cumulativeFees, own),
    lastFeeRound: round,
  })
  world.earnings.change(key(account, round), {
    feeFactor: add(now.feeFactor || before.feeFactor, precise.ofFraction(previousFactor || one, shared, now.stake)),
  })
}

/** A round's factors, or those of the last round that has any; 0 if none has. */
function latestFactors(world: World, account: Account, round: bigint): Pick<Earnings, 'rewardFactor' | 'feeFactor'> {
  const { lastRewardRound, lastFeeRound } = world.transcoders.get(account)
  const factor = (name: 'rewardFactor' | 'feeFactor', last: bigint) => {
    const own = world.earnings.get(key(account, round))[name]
    return own === 0n && last < round ? world.earnings.get(key(account, last))[name] : own
  }
  return { rewardFactor: factor('rewardFactor', lastRewardRound), feeFactor: factor('feeFactor', lastFeeRound) }
}

/** Fixes a transcoder's terms and stake for the round. */
function openRound(world: World, account: Account, round: bigint): void {
  const { rewardCut, feeShare, lastStakeUpdateRound } = world.transcoders.get(account)
  world.earnings.change(key(account, round), { rewardCut, feeShare })
  if (lastStakeUpdateRound < round) {
    const { stake } = world.earnings.get(key(account, lastStakeUpdateRound))
    world.earnings.change(key(account, round), { stake })
  }
}

/** Rewards that the transcoder has not claimed and that work as its stake in this round. */
function workingRewards(world: World, account: Account, round: bigint): bigint {
  const { lastRewardRound, activeCumulativeRewards, cumulativeRewards } = world.transcoders.get(account)
  // Once the reward is called, cumulativeRewards has the round's own reward in it.
  const working = lastRewardRound === round ? activeCumulativeRewards : cumulativeRewards
  if (working > world.earnings.get(key(account, round)).stake) fail(panic.assert)
  return working
}

function endTreasuryCutAtCeiling(world: World): void {
  const { treasuryCeiling, nextTreasuryCut } = world.bonding.now
  if (treasuryCeiling === 0n || world.lpt.get(treasury) < treasuryCeiling || nextTreasuryCut === 0n) return
  world.bonding.change({ nextTreasuryCut: 0n })
  world.emit('BondingManager', 'ParameterUpdate', 'nextRoundTreasuryRewardCutRate')
}
