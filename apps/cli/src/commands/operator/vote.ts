import { toHex } from '@millrace/base'
import { ORCHESTRATOR_PORT, operatorCommand, type Plan, type PlanCall } from './operator-command.ts'
import { readAddress, readChoice, readInteger } from './read-values.ts'

const SUPPORT = { against: 0, for: 1, abstain: 2 } as const

/** `millrace vote`: in a poll, which has an address, or on a proposal to the treasury, which has a number. */
export const vote = operatorCommand({
  name: 'vote',
  description: 'Vote in a poll about the protocol (yes, no) or on a proposal to the treasury (for, against, abstain)',
  port: ORCHESTRATOR_PORT,
  args: {
    on: { type: 'positional', required: false, description: 'The address of a poll, or the number of a proposal' },
    choice: { type: 'positional', required: false, description: 'yes or no; for, against or abstain' },
    reason: { type: 'string', description: 'Why, written on the chain with a vote on a proposal' },
  },
  plan: async (call) => {
    const question = { name: 'what to vote on', text: 'Which poll (its address) or proposal (its number)?' }
    const on = await call.ask.value(call.given('on'), question, (text) =>
      /^\d+$/.test(text.trim()) ? readInteger(text) : readAddress(text),
    )
    return typeof on === 'bigint' ? voteOnProposal(call, on) : voteInPoll(call, on)
  },
})

async function voteInPoll({ client, ask, given }: PlanCall, poll: string): Promise<Plan> {
  const choice = await ask.value(given('choice'), { name: 'the choice', text: 'yes or no?' }, readChoice('yes', 'no'))
  return {
    will: [`The node's account will vote ${choice} in the poll ${poll}; the last vote counts.`],
    run: async () => {
      const txHash = toHex(await client.bytes('/vote', { poll, choiceID: choice === 'yes' ? 0 : 1 }))
      return { lines: [`voted ${choice}: transaction ${txHash}`], facts: { poll, choice, txHash } }
    },
  }
}

async function voteOnProposal({ client, ask, given }: PlanCall, proposalId: bigint): Promise<Plan> {
  const question = { name: 'the choice', text: 'for, against or abstain?' }
  const choice = await ask.value(given('choice'), question, readChoice('for', 'against', 'abstain'))
  return {
    will: [`The node's account will vote ${choice} on proposal ${proposalId}. A vote cannot be changed.`],
    run: async () => {
      const form = { proposalID: proposalId, support: SUPPORT[choice], reason: given('reason') }
      const txHash = toHex(await client.bytes('/voteOnProposal', form))
      return { lines: [`voted ${choice}: transaction ${txHash}`], facts: { proposalId, choice, txHash } }
    },
  }
}
