import { formatLpt } from '@millrace/wire'
import { ORCHESTRATOR_PORT, operatorCommand } from './operator-command.ts'

/** `millrace faucet`: LPT for trying things, where it is worth nothing. */
export const faucet = operatorCommand({
  name: 'faucet',
  description: 'Ask the faucet of a test network for LPT',
  port: ORCHESTRATOR_PORT,
  plan: async ({ client }) => ({
    will: [],
    run: async () => {
      await client.text('/requestTokens')
      const balance = await client.integer('/tokenBalance')
      return { lines: [`the account has ${formatLpt(balance)} now`], facts: { balanceLpt: balance } }
    },
  }),
})
