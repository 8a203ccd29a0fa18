import { formatLpt } from '@millrace/wire'
import { parseLpt } from './amounts.ts'
import { ORCHESTRATOR_PORT, operatorCommand } from './operator-command.ts'
import { big } from './read-values.ts'

type DelegatorInfo = { readonly PendingStake: number | bigint; readonly NextUnbondingLockId: number }

/** `millrace unbond`: stake into a lock. */
export const unbond = operatorCommand({
  name: 'unbond',
  description: 'Take stake out; it can be withdrawn some rounds later',
  port: ORCHESTRATOR_PORT,
  args: { amount: { type: 'positional', required: false, description: 'How much, for example 100 or "all"' } },
  plan: async ({ client, ask, given }) => {
    const info = await client.json<DelegatorInfo>('/delegatorInfo')
    const stake = big(info.PendingStake)
    const amount = await ask.value(
      given('amount'),
      { name: 'the amount', text: `How much LPT, or all? There are ${formatLpt(stake)} bonded.` },
      (text) => (text.trim().toLowerCase() === 'all' ? stake : parseLpt(text)),
    )
    const { UnbondingPeriod } = await client.json<{ UnbondingPeriod: number }>('/protocolParameters')
    const withdrawRound = (await client.integer('/currentRound')) + BigInt(UnbondingPeriod)
    return {
      will: [
        `${formatLpt(amount)} will be taken out into lock ${info.NextUnbondingLockId} and earn nothing from now on.`,
        `It can be withdrawn from round ${withdrawRound} on, ${UnbondingPeriod} rounds from now; until then it can be put back with rebond.`,
      ],
      run: async () => {
        await client.text('/unbond', { amount })
        return {
          lines: [
            `took ${formatLpt(amount)} out: lock ${info.NextUnbondingLockId}, to be withdrawn from round ${withdrawRound} on`,
          ],
          facts: { amountLpt: amount, unbondingLockId: info.NextUnbondingLockId, withdrawRound },
        }
      },
    }
  },
})
