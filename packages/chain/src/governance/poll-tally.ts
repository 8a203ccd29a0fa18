import type { Lpt, Perc6 } from '@millrace/base'
import type { Address } from '@millrace/wire'

/** What a vote in a poll chooses; other choice ids mean nothing and are ignored. */
export type PollChoice = 'yes' | 'no'

/** A voter and its stake in the last block of the poll. */
export type PollVoter = {
  readonly voter: Address
  /** The last of its votes that means something. */
  readonly choice: PollChoice
  /** What it has bonded itself, with rewards. */
  readonly pendingStake: Lpt
  /** To whom it has bonded; itself if it is an orchestrator. */
  readonly delegate: Address
  readonly isOrchestrator: boolean
  /** All that is bonded to it; counts for orchestrators only. */
  readonly delegatedAmount: Lpt
  readonly delegateIsOrchestrator: boolean
}

/** The rules of a poll, as it was created with them, in millionths. */
export type PollRules = { readonly quorum: Perc6; readonly quota: Perc6 }

/** What a poll has come to. */
export type PollTally = {
  readonly yes: Lpt
  readonly no: Lpt
  /** Stake that would have to vote for the poll to count. */
  readonly quorumStake: Lpt
  readonly outcome: 'accepted' | 'rejected' | 'no_quorum'
  /** What each voter's choice weighs, in the order of the voters. */
  readonly weights: readonly { readonly voter: Address; readonly choice: PollChoice; readonly weight: Lpt }[]
}

const ALL: Perc6 = 1_000_000n

/**
 * Counts a poll by the rule of LIP-16: an orchestrator votes with all stake bonded to it less that of its delegators
 * which have voted themselves, a delegator with its own stake. Of each voter there must be one entry.
 */
export function tallyPoll(voters: readonly PollVoter[], totalStake: Lpt, { quorum, quota }: PollRules): PollTally {
  const takenFrom = new Map<Address, Lpt>()
  for (const { isOrchestrator, delegateIsOrchestrator, delegate, pendingStake } of voters) {
    if (isOrchestrator || !delegateIsOrchestrator) continue
    takenFrom.set(delegate, (takenFrom.get(delegate) ?? 0n) + pendingStake)
  }
  const weights = voters.map(({ voter, choice, isOrchestrator, delegatedAmount, pendingStake }) => ({
    voter,
    choice,
    weight: isOrchestrator ? delegatedAmount - (takenFrom.get(voter) ?? 0n) : pendingStake,
  }))
  const sum = (wanted: PollChoice) =>
    weights.reduce((total, { choice, weight }) => (choice === wanted ? total + weight : total), 0n)
  const [yes, no] = [sum('yes'), sum('no')]
  const quorumStake = (totalStake * quorum) / ALL
  const outcome = yes + no < quorumStake ? 'no_quorum' : yes > ((yes + no) * quota) / ALL ? 'accepted' : 'rejected'
  return { yes, no, quorumStake, outcome, weights }
}

/** The last choice that means something of each voter, in the order of first votes. */
export function lastChoices(
  votes: readonly { readonly voter: Address; readonly choiceId: bigint }[],
): ReadonlyMap<Address, PollChoice> {
  const choices = new Map<Address, PollChoice>()
  for (const { voter, choiceId } of votes) {
    if (choiceId === 0n) choices.set(voter, 'yes')
    else if (choiceId === 1n) choices.set(voter, 'no')
  }
  return choices
}
