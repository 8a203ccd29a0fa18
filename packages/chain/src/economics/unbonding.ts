import type { Lpt, Round } from '@millrace/base'
import type { RoundTime } from './yield.ts'

/** Stake that was taken out and waits. */
export type UnbondingLock = { readonly id: bigint; readonly amount: Lpt; readonly withdrawRound: Round }

/** Where the protocol's clock stands. */
export type RoundPosition = RoundTime & { readonly currentRound: Round; readonly blocksToNextRound: bigint }

/** A lock, and how long it still holds. Rounds that nobody initialises delay the withdrawal further. */
export type ScheduledLock = UnbondingLock & {
  readonly withdrawable: boolean
  readonly roundsLeft: bigint
  readonly blocksLeft: bigint
  readonly secondsLeft: number
}

/** The round from which stake that is unbonded now can be withdrawn. */
export const withdrawRoundOf = (currentRound: Round, unbondingPeriod: bigint): Round => currentRound + unbondingPeriod

/** Locks with the time they have left, the first to open first. */
export function unbondingSchedule(locks: readonly UnbondingLock[], now: RoundPosition): readonly ScheduledLock[] {
  return locks
    .map((lock): ScheduledLock => {
      const left = lock.withdrawRound - now.currentRound
      const roundsLeft = left > 0n ? left : 0n
      const blocksLeft = roundsLeft > 0n ? now.blocksToNextRound + (roundsLeft - 1n) * now.roundLength : 0n
      return {
        ...lock,
        withdrawable: roundsLeft === 0n,
        roundsLeft,
        blocksLeft,
        secondsLeft: Number(blocksLeft) * now.blockSeconds,
      }
    })
    .sort((a, b) => Number(a.withdrawRound - b.withdrawRound) || Number(a.id - b.id))
}
