import { bondingManager, type ChainClient, rewardAmount, rewardHint, roundsManager, unbondHint } from '@millrace/chain'
import { type Address, checksumAddress } from '@millrace/wire'
import { account, bondedAccount, type OperatorContext } from '../context.ts'
import { done, json, type Routes } from '../route.ts'
import { bondLpt, rebondLock } from './bonding.ts'

/** Stake: bonding, taking out, rewards and fees. */
export const stakingRoutes = (context: OperatorContext): Routes => ({
  '/bond': async ({ parameters, signal }) => {
    const bonding = { amount: parameters.integer('amount'), to: parameters.address('toAddr') }
    await bondLpt(context, bonding, { signal })
    return done
  },
  '/unbond': async ({ parameters, signal }) => {
    const amount = parameters.integer('amount')
    const { client, sender, self } = account(context)
    const hint = await unbondHint(client, { owner: self, amount })
    await bondingManager.unbondWithHint(client, sender, { amount, ...hint }, { signal })
    return done
  },
  '/rebond': async ({ parameters, signal }) => {
    const unbondingLockId = parameters.integer('unbondingLockId')
    await rebondLock(context, { unbondingLockId, to: parameters.findAddress('toAddr') }, { signal })
    return done
  },
  '/withdrawStake': async ({ parameters, signal }) => {
    const unbondingLockId = parameters.integer('unbondingLockId')
    const { client, sender } = account(context)
    await bondingManager.withdrawStake(client, sender, unbondingLockId, { signal })
    return done
  },
  '/unbondingLocks': async ({ parameters }) => {
    const { client, self } = account(context)
    const locks = await unbondingLocks(client, self)
    if (parameters.find('withdrawable') !== 'true') return json(locks)
    const round = await roundsManager.currentRound(client)
    return json(locks.filter(({ WithdrawRound }) => WithdrawRound <= round))
  },
  '/withdrawFees': async ({ parameters, signal }) => {
    const amount = parameters.integer('amount')
    const { client, sender, self } = account(context)
    await bondingManager.withdrawFees(client, sender, { recipient: self, amount }, { signal })
    return done
  },
  '/claimEarnings': async ({ signal }) => {
    const { client, sender } = account(context)
    await bondingManager.claimEarnings(client, sender, await roundsManager.currentRound(client), { signal })
    return done
  },
  '/delegatorInfo': async () => json(await delegatorFacts(context)),
  '/reward': async ({ signal }) => {
    const { client, sender, self } = account(context)
    const transcoder = bondedAccount(context)
    const round = String(await roundsManager.currentRound(client))
    try {
      const hint = await rewardHint(client, transcoder)
      const { hash, receipt } =
        transcoder === self
          ? await bondingManager.rewardWithHint(client, sender, hint, { signal })
          : await bondingManager.rewardForTranscoderWithHint(client, sender, { transcoder, ...hint }, { signal })
      const amountLpt = rewardAmount(receipt).toString()
      context.tell({ type: 'reward_called', orchestrator: transcoder, round, amountLpt, txHash: hash })
    } catch (error) {
      context.tell({ type: 'reward_failed', orchestrator: transcoder, round })
      throw error
    }
    return done
  },
})

/** Locks are read many at a time, but not all at once: somebody may have unbonded thousands of times. */
const LOCKS_AT_ONCE = 20

async function unbondingLocks(client: ChainClient, delegator: Address) {
  const { nextUnbondingLockId } = await bondingManager.getDelegator(client, delegator)
  const locks: { ID: bigint; Delegator: Address; Amount: bigint; WithdrawRound: bigint }[] = []
  for (let first = 0n; first < nextUnbondingLockId; first += BigInt(LOCKS_AT_ONCE)) {
    const left = Number(nextUnbondingLockId - first)
    const ids = Array.from({ length: Math.min(LOCKS_AT_ONCE, left) }, (_, i) => first + BigInt(i))
    const read = await Promise.all(
      ids.map((unbondingLockId) => bondingManager.getDelegatorUnbondingLock(client, { delegator, unbondingLockId })),
    )
    for (const [i, { amount, withdrawRound }] of read.entries())
      if (withdrawRound > 0n)
        locks.push({
          ID: ids[i]!,
          Delegator: checksumAddress(delegator),
          Amount: amount,
          WithdrawRound: withdrawRound,
        })
  }
  return locks
}

const STATUS = { pending: 'Pending', bonded: 'Bonded', unbonded: 'Unbonded' } as const

async function delegatorFacts(context: OperatorContext): Promise<unknown> {
  const { client, self } = account(context)
  const [delegator, status, pendingStake, pendingFees] = await Promise.all([
    bondingManager.getDelegator(client, self),
    bondingManager.delegatorStatus(client, self),
    bondingManager.pendingStake(client, self),
    bondingManager.pendingFees(client, self),
  ])
  return {
    Address: checksumAddress(self),
    BondedAmount: delegator.bondedAmount,
    Fees: delegator.fees,
    DelegateAddress: checksumAddress(delegator.delegateAddress),
    DelegatedAmount: delegator.delegatedAmount,
    StartRound: delegator.startRound,
    LastClaimRound: delegator.lastClaimRound,
    NextUnbondingLockId: delegator.nextUnbondingLockId,
    PendingStake: pendingStake,
    PendingFees: pendingFees,
    Status: STATUS[status],
  }
}
