import { ORCHESTRATOR_PORT, operatorCommand } from './operator-command.ts'

/** `millrace round`: which round it is, and with --initialize its start by hand. */
export const round = operatorCommand({
  name: 'round',
  description: 'Tell the current round, or initialise it with --initialize',
  port: ORCHESTRATOR_PORT,
  args: { initialize: { type: 'boolean', description: 'Initialise the round if nobody has' } },
  plan: async ({ client, flag }) => {
    const number = await client.integer('/currentRound')
    const initialized = (await client.text('/roundInitialized')).trim() === 'true'
    const outcome = (now: boolean) => ({
      lines: [`round ${number}, ${now ? 'initialised' : 'not initialised yet'}`],
      facts: { round: number, initialized: now },
    })
    if (initialized || !flag('initialize')) return { will: [], run: async () => outcome(initialized) }
    return {
      will: [`Round ${number} will be initialised.`],
      run: async () => {
        await client.text('/initializeRound')
        return outcome(true)
      },
    }
  },
})
