import { takeNextActiveStake } from './active-set.ts'
import { millionths, sub } from './arithmetic.ts'
import { demand } from './failure.ts'
import { setCurrentRewardTokens } from './minter.ts'
import type { World } from './world.ts'

// The clock that counts in blocks. Specification, section 2.

const roundsSinceUpdate = ({ rounds: { now } }: World) => sub(now.block, now.lengthUpdateStartBlock) / now.length

export const currentRound = (world: World): bigint => world.rounds.now.lengthUpdateRound + roundsSinceUpdate(world)

export const currentRoundStartBlock = (world: World): bigint =>
  world.rounds.now.lengthUpdateStartBlock + roundsSinceUpdate(world) * world.rounds.now.length

export const currentRoundInitialized = (world: World): boolean =>
  world.rounds.now.lastInitialized === currentRound(world)

export function currentRoundLocked(world: World): boolean {
  const { block, length, lockAmount } = world.rounds.now
  return block - currentRoundStartBlock(world) >= length - millionths.of(length, lockAmount)
}

export function initializeRound(world: World): void {
  demandRunning(world)
  const round = currentRound(world)
  demand(world.rounds.now.lastInitialized < round, 'round already initialized')
  world.rounds.change({ lastInitialized: round })
  sub(world.rounds.now.block, 1n)
  world.blockHashOfRound.set(String(round), world.rounds.now.hash)
  takeNextActiveStake(world, round)
  setCurrentRewardTokens(world)
  world.emit('RoundsManager', 'NewRound', round, world.rounds.now.hash)
}

export function setRoundLength(world: World, length: bigint): void {
  demand(length > 0n, 'round length cannot be 0')
  world.rounds.change({
    lengthUpdateRound: currentRound(world),
    lengthUpdateStartBlock: currentRoundStartBlock(world),
    length,
  })
  world.emit('RoundsManager', 'ParameterUpdate', 'roundLength')
}

/** Fails while the Controller is paused. */
export function demandRunning(world: World): void {
  demand(!world.system.now.paused, 'system is paused')
}

/** The round, if anything can happen in it. */
export function usableRound(world: World): bigint {
  demandRunning(world)
  demand(currentRoundInitialized(world), 'current round is not initialized')
  return currentRound(world)
}
