import { MillraceError } from '@millrace/base'
import { formatLpt, formatWei } from '@millrace/wire'
import { parseEther } from './amounts.ts'
import { ORCHESTRATOR_PORT, operatorCommand, type Plan, type PlanCall } from './operator-command.ts'
import { big, readChoice } from './read-values.ts'
import { chooseLock } from './unbonding-locks.ts'

/** `millrace withdraw`: stake, fees or a gateway's deposit to the node's account. */
export const withdraw = operatorCommand({
  name: 'withdraw',
  description: 'Withdraw stake that was unbonded, fees that were earned, or a deposit that was unlocked',
  port: ORCHESTRATOR_PORT,
  args: {
    what: { type: 'positional', required: false, description: 'stake, fees or deposit (of a gateway: --http 5935)' },
    lock: { type: 'string', description: 'The number of the lock, for stake' },
    amount: { type: 'string', description: 'How much, for fees (default: all)' },
  },
  plan: async (call) => {
    const question = { name: 'what to withdraw', text: 'What: stake, fees or deposit?' }
    const what = await call.ask.value(call.given('what'), question, readChoice('stake', 'fees', 'deposit'))
    return { stake: withdrawStake, fees: withdrawFees, deposit: withdrawDeposit }[what](call)
  },
})

async function withdrawStake({ client, ask, given }: PlanCall): Promise<Plan> {
  const lock = await chooseLock(client, ask, { given: given('lock'), withdrawable: true })
  const amount = BigInt(lock.Amount)
  return {
    will: [`The ${formatLpt(amount)} of lock ${lock.ID} will be paid to the node's account.`],
    run: async () => {
      await client.text('/withdrawStake', { unbondingLockId: lock.ID })
      return { lines: [`withdrew ${formatLpt(amount)}`], facts: { amountLpt: amount, unbondingLockId: lock.ID } }
    },
  }
}

async function withdrawFees({ client, ask, given }: PlanCall): Promise<Plan> {
  const { PendingFees } = await client.json<{ PendingFees: number | bigint }>('/delegatorInfo')
  const fees = big(PendingFees)
  if (fees === 0n) throw new MillraceError('nothing_to_withdraw', 'no fees were earned yet')
  const question = { name: '--amount', text: `How much ETH, or all? There are ${formatWei(fees)}.`, usual: 'all' }
  const amount = await ask.value(given('amount'), question, (text) =>
    text.trim().toLowerCase() === 'all' ? fees : parseEther(text),
  )
  return {
    will: [`${formatWei(amount)} of fees will be paid to the node's account.`],
    run: async () => {
      await client.text('/withdrawFees', { amount })
      return { lines: [`withdrew ${formatWei(amount)} of fees`], facts: { amountWei: amount } }
    },
  }
}

type SenderInfo = {
  readonly Deposit: number | bigint
  readonly WithdrawRound: number | bigint
  readonly Reserve: { readonly FundsRemaining: number | bigint }
}

async function withdrawDeposit({ client }: PlanCall): Promise<Plan> {
  const info = await client.json<SenderInfo>('/senderInfo')
  const withdrawRound = big(info.WithdrawRound)
  const round = await client.integer('/currentRound')
  if (withdrawRound === 0n)
    throw new MillraceError('not_unlocked', 'the deposit is locked: begin to unlock it with millrace unlock')
  if (round < withdrawRound)
    throw new MillraceError(
      'not_unlocked',
      `the deposit can be withdrawn from round ${withdrawRound} on; it is round ${round}`,
    )
  const amount = big(info.Deposit) + big(info.Reserve.FundsRemaining)
  return {
    will: [
      `Deposit and reserve, ${formatWei(amount)}, will be paid to the gateway's account. It can buy nothing then.`,
    ],
    run: async () => {
      await client.text('/withdraw')
      return { lines: [`withdrew ${formatWei(amount)}`], facts: { amountWei: amount } }
    },
  }
}
