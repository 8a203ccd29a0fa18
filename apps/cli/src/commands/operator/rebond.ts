import { formatLpt } from '@millrace/wire'
import { ORCHESTRATOR_PORT, operatorCommand } from './operator-command.ts'
import { readAddress } from './read-values.ts'
import { chooseLock } from './unbonding-locks.ts'

/** `millrace rebond`: a lock back into stake. */
export const rebond = operatorCommand({
  name: 'rebond',
  description: 'Put stake back that was taken out',
  port: ORCHESTRATOR_PORT,
  args: {
    lock: { type: 'string', description: 'The number of the lock' },
    to: { type: 'string', description: 'The orchestrator, for an account that has no stake left' },
  },
  plan: async ({ client, ask, given }) => {
    const lock = await chooseLock(client, ask, { given: given('lock'), withdrawable: false })
    const info = await client.json<{ Status: string; DelegateAddress: string }>('/delegatorInfo')
    const to =
      info.Status === 'Unbonded'
        ? await ask.value(given('to'), { name: '--to', text: 'To which orchestrator?' }, readAddress)
        : info.DelegateAddress
    const amount = BigInt(lock.Amount)
    return {
      will: [`The ${formatLpt(amount)} of lock ${lock.ID} will be bonded to ${to} again.`],
      run: async () => {
        await client.text('/rebond', { unbondingLockId: lock.ID, toAddr: to })
        return {
          lines: [`bonded ${formatLpt(amount)} to ${to} again`],
          facts: { amountLpt: amount, unbondingLockId: lock.ID, to },
        }
      },
    }
  },
})
