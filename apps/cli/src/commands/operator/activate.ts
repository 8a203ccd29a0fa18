import { formatLpt } from '@millrace/wire'
import { parseLpt } from './amounts.ts'
import { ORCHESTRATOR_PORT, operatorCommand } from './operator-command.ts'

const asGiven = (text: string): string => text.trim()

/** `millrace activate`: makes the node's account an orchestrator. */
export const activate = operatorCommand({
  name: 'activate',
  description: "Make the node's account an orchestrator: bond LPT to it and publish its terms and address",
  port: ORCHESTRATOR_PORT,
  args: {
    stake: { type: 'string', description: 'How much LPT to bond to itself' },
    'reward-cut': { type: 'string', description: 'The percentage of rewards that the orchestrator keeps' },
    'fee-share': { type: 'string', description: 'The percentage of fees that its delegators get' },
    price: { type: 'string', description: 'Wei for one pixel' },
    'service-uri': { type: 'string', description: 'Where gateways reach it, for example https://host:8935' },
  },
  plan: async ({ client, ask, given }) => {
    const balance = formatLpt(await client.integer('/tokenBalance'))
    const stake = await ask.value(
      given('stake'),
      { name: '--stake', text: `How much LPT to bond? There are ${balance}.`, usual: '0' },
      parseLpt,
    )
    const cut = await ask.value(
      given('reward-cut'),
      { name: '--reward-cut', text: 'Which percentage of rewards does it keep?' },
      asGiven,
    )
    const share = await ask.value(
      given('fee-share'),
      { name: '--fee-share', text: 'Which percentage of fees do delegators get?' },
      asGiven,
    )
    const price = await ask.value(given('price'), { name: '--price', text: 'How many wei for a pixel?' }, asGiven)
    const serviceUri = await ask.value(
      given('service-uri'),
      { name: '--service-uri', text: 'Where do gateways reach it?' },
      asGiven,
    )
    const round = await client.integer('/currentRound')
    return {
      will: [
        `${formatLpt(stake)} will be bonded to this node's own account.`,
        `It keeps ${cut} % of rewards, gives delegators ${share} % of fees, and is reached at ${serviceUri}.`,
        `It is active from round ${round + 1n} on, if its stake is among the largest.`,
      ],
      run: async () => {
        await client.text('/activateOrchestrator', {
          blockRewardCut: cut,
          feeShare: share,
          pricePerUnit: price,
          pixelsPerUnit: 1,
          serviceURI: serviceUri,
          amount: stake === 0n ? undefined : stake,
        })
        return {
          lines: [`registered; active from round ${round + 1n} on`],
          facts: { stakeLpt: stake, rewardCut: cut, feeShare: share, serviceUri, activationRound: round + 1n },
        }
      },
    }
  },
})
