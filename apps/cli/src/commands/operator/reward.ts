import { ORCHESTRATOR_PORT, operatorCommand } from './operator-command.ts'

/** `millrace reward`: the reward call of this round by hand. */
export const reward = operatorCommand({
  name: 'reward',
  description: 'Call the reward of this round, for the orchestrator and its delegators',
  port: ORCHESTRATOR_PORT,
  plan: async ({ client }) => {
    const round = await client.integer('/currentRound')
    return {
      will: [`The reward of round ${round} will be minted for this orchestrator and its delegators.`],
      run: async () => {
        await client.text('/reward')
        return { lines: [`called the reward of round ${round}`], facts: { round } }
      },
    }
  },
})
