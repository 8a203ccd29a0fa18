import { GATEWAY_PORT, operatorCommand } from './operator-command.ts'

/** `millrace unlock`: the first step of getting a gateway's deposit back. */
export const unlock = operatorCommand({
  name: 'unlock',
  description: "Begin to unlock a gateway's deposit and reserve, or stop that with --cancel",
  port: GATEWAY_PORT,
  args: { cancel: { type: 'boolean', description: 'Lock them again' } },
  plan: async ({ client, flag }) => {
    if (flag('cancel'))
      return {
        will: ['Deposit and reserve will be locked again, and orchestrators take tickets again.'],
        run: async () => {
          await client.text('/cancelUnlock')
          return { lines: ['deposit and reserve are locked again'], facts: { unlocking: false } }
        },
      }
    const { UnlockPeriod } = await client.json<{ UnlockPeriod: number }>('/ticketBrokerParams')
    const withdrawRound = (await client.integer('/currentRound')) + BigInt(UnlockPeriod)
    return {
      will: [
        'Orchestrators take no more tickets of this gateway from now on.',
        `Deposit and reserve can be withdrawn from round ${withdrawRound} on, ${UnlockPeriod} rounds from now.`,
      ],
      run: async () => {
        await client.text('/unlock')
        return {
          lines: [`unlocking: millrace withdraw deposit works from round ${withdrawRound} on`],
          facts: { unlocking: true, withdrawRound },
        }
      },
    }
  },
})
