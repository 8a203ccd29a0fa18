import { fromHex } from '@millrace/base'
import { livepeerGovernor, poll } from '@millrace/chain'
import { account, type OperatorContext } from '../context.ts'
import { ApiError, bytes, type Routes } from '../route.ts'

/** Votes in polls about the protocol and on proposals to the treasury. The answer is the hash of the transaction, in bytes. */
export const voteRoutes = (context: OperatorContext): Routes => ({
  '/vote': async ({ parameters, signal }) => {
    const address = parameters.address('poll')
    const choiceId = parameters.integer('choiceID')
    if (choiceId > 1n) throw new ApiError(400, 'choiceID must be 0 for yes or 1 for no')
    const { client, sender } = account(context)
    const choice = choiceId === 0n ? 'yes' : 'no'
    const { hash } = await poll.voteInPoll(client, sender, { poll: address, choice }, { signal })
    return bytes(fromHex(hash))
  },
  '/voteOnProposal': async ({ parameters, signal }) => {
    const proposalId = parameters.integer('proposalID')
    const support = Number(parameters.integer('support'))
    if (support > 2) throw new ApiError(400, 'support must be 0 for against, 1 for, or 2 for abstain')
    const reason = parameters.find('reason')
    const { client, sender } = account(context)
    const ballot = { proposalId, support }
    const { hash } =
      reason === undefined
        ? await livepeerGovernor.castVote(client, sender, ballot, { signal })
        : await livepeerGovernor.castVoteWithReason(client, sender, { ...ballot, reason }, { signal })
    return bytes(fromHex(hash))
  },
})
