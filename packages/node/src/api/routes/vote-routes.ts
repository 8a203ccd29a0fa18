import { fromHex } from '@millrace/base'
import { livepeerGovernor, poll } from '@millrace/chain'
import { parseAddress } from '@millrace/wire'
import { account, type OperatorContext } from '../context.ts'
import { ApiError, bytes, type Routes } from '../route.ts'

/** Votes in polls about the protocol and on proposals to the treasury. The answer is the hash of the transaction, in bytes. */
export const voteRoutes = (context: OperatorContext): Routes => ({
  '/vote': async ({ parameters, signal }) => {
    const address = parameters.need('poll')
    if (!/^0x[0-9a-fA-F]{40}$/.test(address)) throw new ApiError(500, 'invalid poll contract address')
    const choiceId = parameters.need('choiceID')
    if (!/^\d+$/.test(choiceId)) throw new ApiError(500, 'choiceID is not a valid integer value')
    if (BigInt(choiceId) > 1n) throw new ApiError(500, 'invalid choiceID')
    const { client, sender } = account(context)
    const choice = BigInt(choiceId) === 0n ? 'yes' : 'no'
    const { hash } = await poll.voteInPoll(client, sender, { poll: parseAddress(address), choice }, { signal })
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
