import type { Lpt } from '@millrace/base'
import { approve, bondHints, bondingManager, type Call, livepeerToken, rebondHint } from '@millrace/chain'
import type { Address } from '@millrace/wire'
import { account, type OperatorContext } from '../context.ts'
import { ApiError } from '../route.ts'

/** Bonds LPT, allowing the BondingManager to take it first where it may not yet. */
export async function bondLpt(
  context: OperatorContext,
  bonding: { readonly amount: Lpt; readonly to: Address },
  call: Call,
): Promise<void> {
  const { client, sender, self } = account(context)
  const { amount, to } = bonding
  const spender = client.addresses.bondingManager
  if (amount > 0n) {
    const balance = await livepeerToken.balanceOf(client, self)
    if (balance < amount)
      throw new ApiError(500, `insufficient balance: ${amount} is more than the ${balance} there is`)
    if ((await livepeerToken.allowance(client, { owner: self, spender })) < amount)
      await approve(client, sender, { spender, amount }, call)
  }
  const hints = await bondHints(client, { owner: self, amount, to })
  await bondingManager.bondWithHint(client, sender, { amount, to, ...hints }, call)
}

/** Turns a lock back into stake; an account that has none left names the delegate. */
export async function rebondLock(
  context: OperatorContext,
  rebonding: { readonly unbondingLockId: bigint; readonly to: Address | undefined },
  call: Call,
): Promise<void> {
  const { client, sender, self } = account(context)
  const { unbondingLockId, to } = rebonding
  if ((await bondingManager.delegatorStatus(client, self)) !== 'unbonded') {
    const { delegateAddress } = await bondingManager.getDelegator(client, self)
    if (to !== undefined && to !== delegateAddress)
      throw new ApiError(400, `the account is bonded to ${delegateAddress}: only one without stake may name another`)
    const hint = await rebondHint(client, { owner: self, unbondingLockId })
    await bondingManager.rebondWithHint(client, sender, { unbondingLockId, ...hint }, call)
    return
  }
  if (to === undefined) throw new ApiError(400, 'missing form param: toAddr')
  const hint = await rebondHint(client, { owner: self, unbondingLockId, to })
  await bondingManager.rebondFromUnbondedWithHint(client, sender, { to, unbondingLockId, ...hint }, call)
}
