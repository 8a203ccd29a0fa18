import type { Wei } from '@millrace/base'

/** A gateway's reserve in a round, seen by one orchestrator. */
export type ReserveView = {
  readonly fundsRemaining: Wei
  /** What all orchestrators took from it in this round. */
  readonly claimedInCurrentRound: Wei
  /** What this one took from it in this round. */
  readonly claimedByMe: Wei
  /** Orchestrators in the pool, those of the next round. */
  readonly poolSize: bigint
  /** Only orchestrators that are active in this round can claim. */
  readonly active: boolean
}

/** What one orchestrator may still take from a reserve in this round: an equal share of it, less what it took. */
export function reserveShare(view: ReserveView): Wei {
  if (!view.active || view.poolSize === 0n) return 0n
  const share = (view.fundsRemaining + view.claimedInCurrentRound) / view.poolSize
  // The pool may have grown since the claim; the contract fails then, and there is nothing to take either.
  return share > view.claimedByMe ? share - view.claimedByMe : 0n
}

/** What a ticket of this face value would pay now. */
export function ticketPayout(faceValue: Wei, deposit: Wei, view: ReserveView): Wei {
  if (faceValue <= deposit) return faceValue
  const share = reserveShare(view)
  const missing = faceValue - deposit
  return deposit + (missing < share ? missing : share)
}
