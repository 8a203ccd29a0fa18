import { formatLpt } from '@millrace/wire'
import { parseLpt } from './amounts.ts'
import { ORCHESTRATOR_PORT, operatorCommand } from './operator-command.ts'
import { readAddress } from './read-values.ts'

/** `millrace transfer`: LPT to another account. */
export const transfer = operatorCommand({
  name: 'transfer',
  description: "Send LPT of the node's account to another one",
  port: ORCHESTRATOR_PORT,
  args: {
    amount: { type: 'positional', required: false, description: 'How much, for example 100 or "1.5 LPT"' },
    to: { type: 'string', description: 'The account that gets it' },
  },
  plan: async ({ client, ask, given }) => {
    const balance = formatLpt(await client.integer('/tokenBalance'))
    const question = { name: 'the amount', text: `How much LPT? There are ${balance}.` }
    const amount = await ask.value(given('amount'), question, parseLpt)
    const to = await ask.value(given('to'), { name: '--to', text: 'To which account?' }, readAddress)
    return {
      will: [`${formatLpt(amount)} will be sent to ${to}. Nobody can take that back.`],
      run: async () => {
        await client.text('/transferTokens', { to, amount })
        return { lines: [`sent ${formatLpt(amount)} to ${to}`], facts: { amountLpt: amount, to } }
      },
    }
  },
})
