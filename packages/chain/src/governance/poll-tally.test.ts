import type { Lpt } from '@millrace/base'
import type { Address } from '@millrace/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lastChoices, type PollVoter, tallyPoll } from './poll-tally.ts'

const rules = { quorum: 333_300n, quota: 500_000n }
const address = (digit: string) => `0x${digit.repeat(40)}` as Address
const [o, p, d, e] = ['1', '2', '3', '4'].map(address) as [Address, Address, Address, Address]

const orchestrator = (voter: Address, own: Lpt, delegatedAmount: Lpt, choice: PollVoter['choice']): PollVoter => ({
  voter,
  choice,
  pendingStake: own,
  delegate: voter,
  isOrchestrator: true,
  delegatedAmount,
  delegateIsOrchestrator: true,
})
const delegator = (voter: Address, pendingStake: Lpt, delegate: Address, choice: PollVoter['choice']): PollVoter => ({
  voter,
  choice,
  pendingStake,
  delegate,
  isOrchestrator: false,
  delegatedAmount: 0n,
  delegateIsOrchestrator: true,
})

describe('counting a poll', () => {
  it('gives an orchestrator all stake bonded to it, less that of delegators which voted', () => {
    const alone = tallyPoll([orchestrator(o, 100n, 150n, 'yes')], 1000n, rules)
    expect(alone).toMatchObject({ yes: 150n, no: 0n })
    const voters = [delegator(d, 30n, o, 'no'), orchestrator(o, 100n, 150n, 'yes'), delegator(e, 5n, o, 'yes')]
    const tally = tallyPoll(voters, 1000n, rules)
    expect(tally).toMatchObject({ yes: 120n, no: 30n })
    expect(tally.weights.map(({ weight }) => weight)).toEqual([30n, 115n, 5n])
  })

  it('counts a delegator whose orchestrator does not vote, or is none', () => {
    expect(tallyPoll([delegator(d, 30n, o, 'no')], 1000n, rules)).toMatchObject({ yes: 0n, no: 30n })
    const stray = { ...delegator(e, 7n, d, 'yes'), delegateIsOrchestrator: false }
    const voters = [delegator(d, 30n, o, 'no'), stray]
    expect(tallyPoll(voters, 1000n, rules)).toMatchObject({ yes: 7n, no: 30n })
  })

  it('reaches the quorum with equality and misses it by one unit', () => {
    const quorumStake = (1_000_000n * rules.quorum) / 1_000_000n
    const outcome = (votes: Lpt) => tallyPoll([delegator(d, votes, o, 'yes')], 1_000_000n, rules).outcome
    expect(outcome(quorumStake)).toBe('accepted')
    expect(outcome(quorumStake - 1n)).toBe('no_quorum')
  })

  it('needs more than the quota', () => {
    const outcome = (yes: Lpt, no: Lpt) =>
      tallyPoll([delegator(d, yes, o, 'yes'), delegator(e, no, o, 'no')], 10n, rules).outcome
    expect(outcome(50n, 50n)).toBe('rejected')
    expect(outcome(51n, 50n)).toBe('accepted')
    // The half of an odd number is rounded down, and that is exceeded.
    expect(outcome(50n, 49n)).toBe('accepted')
    expect(outcome(49n, 50n)).toBe('rejected')
  })

  it('without votes has no quorum, or is rejected where there is no stake either', () => {
    expect(tallyPoll([], 1000n, rules).outcome).toBe('no_quorum')
    expect(tallyPoll([], 0n, rules).outcome).toBe('rejected')
  })

  it('counts every unit of stake at most once, whoever votes', () => {
    const stake = fc.bigInt({ min: 0n, max: 10n ** 27n })
    const choice = fc.constantFrom('yes' as const, 'no' as const)
    const person = fc.record({ stake, choice, votes: fc.boolean(), to: fc.constantFrom(o, p) })
    fc.assert(
      fc.property(person, person, fc.array(person, { maxLength: 8 }), (first, second, people) => {
        const delegated = (to: Address) => people.reduce((sum, one) => (one.to === to ? sum + one.stake : sum), 0n)
        const pool = (one: typeof first, who: Address) =>
          one.votes ? [orchestrator(who, one.stake, one.stake + delegated(who), one.choice)] : []
        const voters = [
          ...pool(first, o),
          ...people.flatMap((one, index) =>
            one.votes ? [delegator(address((index + 5).toString(16)), one.stake, one.to, one.choice)] : [],
          ),
          ...pool(second, p),
        ]
        const { yes, no, weights } = tallyPoll(voters, 1n, rules)
        const counted = (one: { votes: boolean; to: Address; stake: bigint }) =>
          one.votes || (one.to === o ? first : second).votes ? one.stake : 0n
        const expected =
          people.reduce((sum, one) => sum + counted(one), 0n) +
          (first.votes ? first.stake : 0n) +
          (second.votes ? second.stake : 0n)
        expect(yes + no).toBe(expected)
        expect(weights.every(({ weight }) => weight >= 0n)).toBe(true)
      }),
    )
  })
})

describe('votes', () => {
  it('count by the last one of each voter that means something', () => {
    const votes = [
      { voter: o, choiceId: 0n },
      { voter: d, choiceId: 1n },
      { voter: o, choiceId: 1n },
      { voter: d, choiceId: 7n },
      { voter: e, choiceId: 2n },
    ]
    expect([...lastChoices(votes)]).toEqual([
      [o, 'no'],
      [d, 'no'],
    ])
  })
})
